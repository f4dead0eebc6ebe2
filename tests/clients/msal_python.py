"""Signs in with MSAL for Python, checks id tokens and forges access tokens with PyJWT.

Called with the path of a file of facts; ends with an error at the first promise that is not kept.
"""

import base64
import html.parser
import json
import ssl
import sys
import time
import urllib.parse

import jwt
import msal
import requests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

with open(sys.argv[1], encoding="utf-8") as file:
    FACTS = json.load(file)
BASE, CA = FACTS["base"], FACTS["authority_certificate"]
RESOURCE = "https://api.partnercenter.microsoft.com"
DEFAULT = [RESOURCE + "/.default"]
USER = [RESOURCE + "/user_impersonation"]


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def status(token):
    answer = requests.get(BASE + "/v1/customers", headers={"Authorization": "Bearer " + token}, verify=CA, timeout=60)
    return answer.status_code


class Form(html.parser.HTMLParser):
    """The form of the page's main part: where it goes, and its hidden fields."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self.inside = None, {}, False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.inside = self.inside or tag == "main"
        if self.inside and tag == "form":
            self.action = attributes["action"]
        if self.inside and tag == "input" and attributes.get("type") == "hidden":
            self.fields[attributes["name"]] = attributes["value"]

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "main"


def browse(address):
    """Plays the browser: signs in, agrees, and gives what the application is told."""
    browser = requests.Session()
    browser.verify = CA
    shown = browser.get(address, timeout=60)
    form = Form(shown.text)
    same((shown.status_code, form.action), (200, "/sign-in"))
    filled = {**form.fields, "user_name": FACTS["user_name"], "password": FACTS["password"]}
    shown = browser.post(BASE + form.action, data=filled, timeout=60)
    form = Form(shown.text)
    same(shown.status_code, 200)
    assert form.action.startswith("/consent/"), shown.text
    answer = {**form.fields, "answer": "allow"}
    returned = browser.post(BASE + form.action, data=answer, allow_redirects=False, timeout=60)
    same(returned.status_code, 303)
    address, _, query = returned.headers["Location"].partition("?")
    same(address, FACTS["redirect"])
    return dict(urllib.parse.parse_qsl(query))


def granted(answer):
    assert "access_token" in answer, answer
    return answer["access_token"]


def read(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def discovery():
    configuration = requests.get(
        f"{BASE}/{FACTS['tenant']}/v2.0/.well-known/openid-configuration", verify=CA, timeout=60
    ).json()
    same(configuration["issuer"], f"{BASE}/{FACTS['tenant']}/v2.0")
    instance = requests.get(
        BASE + "/common/discovery/instance",
        params={"api-version": "1.1", "authorization_endpoint": configuration["authorization_endpoint"]},
        verify=CA,
        timeout=60,
    ).json()
    host = BASE.removeprefix("https://")
    assert host in instance["metadata"][0]["aliases"], instance
    return configuration


def application(tenant, **more):
    return msal.ConfidentialClientApplication(
        FACTS["client"],
        client_credential=FACTS["secret"],
        authority=f"{BASE}/{tenant}",
        instance_discovery=False,
        verify=CA,
        **more,
    )


def by_itself():
    for tenant in (FACTS["tenant"], FACTS["domain"]):
        app = application(tenant)
        token = granted(app.acquire_token_for_client(scopes=DEFAULT))
        same(status(token), 200)
        again = app.acquire_token_for_client(scopes=DEFAULT)
        same((again["access_token"], again["token_source"]), (token, "cache"))
    wrong = msal.ConfidentialClientApplication(
        FACTS["client"], client_credential="pcs_wrong", authority=f"{BASE}/{FACTS['tenant']}",
        instance_discovery=False, verify=CA,
    ).acquire_token_for_client(scopes=DEFAULT)
    same(wrong["error"], "invalid_client")


def identity(configuration, token, client):
    context = ssl.create_default_context(cafile=CA)
    keys = jwt.PyJWKClient(configuration["jwks_uri"], ssl_context=context)
    key = keys.get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key.key, algorithms=["EdDSA"], audience=client, issuer=configuration["issuer"])
    same((claims["preferred_username"], claims["tid"]), (FACTS["user_name"], FACTS["tenant"]))
    return key.key


def for_a_user(app, configuration, client):
    flow = app.initiate_auth_code_flow(USER, redirect_uri=FACTS["redirect"])
    assert "code_challenge=" in flow["auth_uri"], flow
    result = app.acquire_token_by_auth_code_flow(flow, browse(flow["auth_uri"]))
    token = granted(result)
    same(status(token), 200)
    same(result["id_token_claims"]["preferred_username"], FACTS["user_name"])
    key = identity(configuration, result["id_token"], client)
    (account,) = app.get_accounts()
    same(account["username"], FACTS["user_name"])
    silent = app.acquire_token_silent_with_error(USER, account)
    same((silent["access_token"], silent["token_source"]), (token, "cache"))
    renewed = app.acquire_token_silent_with_error(USER, account, force_refresh=True)
    same(renewed["token_source"], "identity_provider")
    assert granted(renewed) != token
    same(status(renewed["access_token"]), 200)
    (kept,) = app.token_cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN)
    redeemed = app.acquire_token_by_refresh_token(kept["secret"], DEFAULT)
    same(status(granted(redeemed)), 200)
    return token, result["id_token"], kept["secret"], key


def forgeries(token, key):
    """Tokens that were never ours, by the kind of their forgery."""
    head, body, signature = token.split(".")
    header, claims = read(head), read(body)
    other = ed25519.Ed25519PrivateKey.generate()
    public = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    kid = {"kid": header["kid"]}

    def made(secret, algorithm, claims=claims, headers=kid):
        return jwt.encode(claims, secret, algorithm=algorithm, headers=headers)

    now = int(time.time())
    yield "another key", made(other, "EdDSA")
    yield "another key under its own name", made(other, "EdDSA", headers={"kid": "mine"})
    yield "another key without a name", made(other, "EdDSA", headers={})
    jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(other.public_key()))
    yield "another key that the header brings along", made(other, "EdDSA", headers={**kid, "jwk": jwk})
    yield "another key that the header points to", made(other, "EdDSA", headers={**kid, "jku": "https://evil.example"})
    yield "no signature", made(None, "none")
    yield "no signature, no name", made(None, "none", headers={})
    for algorithm in ("HS256", "HS384", "HS512"):
        yield f"the public key as a secret, {algorithm}", made(public, algorithm)
        encoded = base64.urlsafe_b64encode(public).rstrip(b"=")
        yield f"the encoded public key as a secret, {algorithm}", made(encoded, algorithm)
    yield "a secret of somebody", made(b"a secret of somebody", "HS256")
    yield "RSA", made(rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256")
    yield "ECDSA", made(ec.generate_private_key(ec.SECP256R1()), "ES256")
    altered = {
        "longer life": {"exp": now + 10_000_000},
        "another tenant": {"tid": "11111111-1111-1111-1111-111111111111"},
        "another user": {"oid": "11111111-1111-1111-1111-111111111111"},
        "another audience": {"aud": "https://evil.example"},
        "another issuer": {"iss": "https://evil.example/v2.0"},
        "another epoch": {"epoch": claims["epoch"] + 1},
        "more roles": {"roles": ["GlobalAdmin"]},
    }
    for name, change in altered.items():
        changed = {**claims, **change}
        yield f"{name}, signed with another key", made(other, "EdDSA", changed)
        payload = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
        yield f"{name}, under the old signature", f"{head}.{payload}.{signature}"
    yield "a signature cut off", f"{head}.{body}."
    yield "a signature cut short", f"{head}.{body}.{signature[:-4]}"


def main():
    configuration = discovery()
    by_itself()
    app = application(FACTS["tenant"])
    token, id_token, refresh_token, key = for_a_user(app, configuration, FACTS["client"])
    public = msal.PublicClientApplication(
        "partner-center-cli", authority=f"{BASE}/organizations", instance_discovery=False, verify=CA
    )
    for_a_user(public, configuration, "partner-center-cli")
    forged = list(forgeries(token, key)) + [("an id token", id_token), ("a refresh token", refresh_token)]
    for name, forgery in forged:
        assert status(forgery) == 401, name
    same(status(token), 200)
    print(f"msal {msal.__version__}, pyjwt {jwt.__version__}: {len(forged)} forged tokens were refused")


main()
