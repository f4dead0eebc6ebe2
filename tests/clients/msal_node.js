// Signs in with MSAL for Node. Called with the path of a file of facts; fails at the first promise that is not kept.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { ConfidentialClientApplication, CryptoProvider } = require("@azure/msal-node");

const facts = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const resource = "https://api.partnercenter.microsoft.com";
const byDefault = [`${resource}/.default`];
const asUser = [`${resource}/user_impersonation`];

async function status(token) {
  const answer = await fetch(`${facts.base}/v1/customers`, { headers: { Authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.status;
}

// Plays the browser: signs in, agrees, and gives what the application is told.
async function browse(address) {
  const cookies = new Map();
  async function open(path, form) {
    const answer = await fetch(new URL(path, facts.base), {
      method: form ? "POST" : "GET",
      body: form && new URLSearchParams(form),
      redirect: "manual",
      headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const location = answer.headers.get("Location");
    if (location && !location.startsWith(facts.redirect)) return open(location);
    return { answer, location, page: await answer.text() };
  }
  function formOf({ page }) {
    const main = page.slice(page.indexOf("<main"), page.indexOf("</main>"));
    const hidden = [...main.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const action = /<form method="post" action="([^"]*)"/.exec(main)[1];
    return { action, fields: Object.fromEntries(hidden.map(([, name, value]) => [name, value])) };
  }
  const signIn = formOf(await open(address));
  const { user_name, password } = facts;
  const consent = formOf(await open(signIn.action, { ...signIn.fields, user_name, password }));
  assert.match(consent.action, /^\/consent\//);
  const { location } = await open(consent.action, { ...consent.fields, answer: "allow" });
  return Object.fromEntries(new URL(location).searchParams);
}

function application(tenant) {
  return new ConfidentialClientApplication({
    auth: {
      clientId: facts.client,
      clientSecret: facts.secret,
      authority: `${facts.base}/${tenant}`,
      knownAuthorities: [new URL(facts.base).host],
    },
  });
}

async function forUser(app) {
  const crypto = new CryptoProvider();
  const { verifier, challenge } = await crypto.generatePkceCodes();
  const state = crypto.createNewGuid();
  const request = { scopes: asUser, redirectUri: facts.redirect };
  const address = await app.getAuthCodeUrl({
    ...request, state, responseMode: "query", codeChallenge: challenge, codeChallengeMethod: "S256",
  });
  const told = await browse(address);
  assert.equal(told.state, state);
  const user = await app.acquireTokenByCode({ ...request, code: told.code, codeVerifier: verifier });
  assert.equal(user.account.username, facts.user_name);
  assert.equal(user.account.tenantId, facts.tenant);
  assert.equal(await status(user.accessToken), 200);

  const silent = await app.acquireTokenSilent({ account: user.account, scopes: asUser });
  assert.deepEqual([silent.fromCache, silent.accessToken], [true, user.accessToken]);
  const renewed = await app.acquireTokenSilent({ account: user.account, scopes: asUser, forceRefresh: true });
  assert.equal(renewed.fromCache, false);
  assert.notEqual(renewed.accessToken, user.accessToken);
  assert.equal(await status(renewed.accessToken), 200);

  const [refreshToken] = Object.values(JSON.parse(app.getTokenCache().serialize()).RefreshToken);
  const redeemed = await application(facts.tenant).acquireTokenByRefreshToken({
    refreshToken: refreshToken.secret, scopes: byDefault,
  });
  assert.equal(await status(redeemed.accessToken), 200);
}

async function main() {
  for (const tenant of [facts.tenant, facts.domain]) {
    const app = application(tenant);
    const own = await app.acquireTokenByClientCredential({ scopes: byDefault });
    assert.equal(await status(own.accessToken), 200);
    const kept = await app.acquireTokenByClientCredential({ scopes: byDefault });
    assert.equal(kept.fromCache, true);
  }

  for (const tenant of [facts.tenant, "common"]) await forUser(application(tenant));
  const { version } = require("@azure/msal-node/package.json");
  console.log(`msal-node ${version}: every promise was kept`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
