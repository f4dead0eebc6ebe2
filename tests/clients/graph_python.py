"""Granular delegated administration with msgraph-sdk for Python: asked for, approved, assigned, ended.

Called with the path of a file of facts; ends with an error at the first promise that is not kept.
"""

import asyncio
import importlib.metadata
import json
import ssl
import sys
from datetime import timedelta

import httpx
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator, BaseBearerTokenAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.delegated_admin_access_assignment import DelegatedAdminAccessAssignment
from msgraph.generated.models.delegated_admin_access_container import DelegatedAdminAccessContainer
from msgraph.generated.models.delegated_admin_access_container_type import DelegatedAdminAccessContainerType
from msgraph.generated.models.delegated_admin_access_details import DelegatedAdminAccessDetails
from msgraph.generated.models.delegated_admin_relationship import DelegatedAdminRelationship
from msgraph.generated.models.delegated_admin_relationship_customer_participant import (
    DelegatedAdminRelationshipCustomerParticipant,
)
from msgraph.generated.models.delegated_admin_relationship_request import DelegatedAdminRelationshipRequest
from msgraph.generated.models.delegated_admin_relationship_request_action import DelegatedAdminRelationshipRequestAction
from msgraph.generated.models.delegated_admin_relationship_status import DelegatedAdminRelationshipStatus
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.unified_role import UnifiedRole
from msgraph.generated.tenant_relationships.delegated_admin_relationships.delegated_admin_relationships_request_builder import (
    DelegatedAdminRelationshipsRequestBuilder,
)
from msgraph_core import GraphClientFactory

with open(sys.argv[1], encoding="utf-8") as file:
    FACTS = json.load(file)
TLS = ssl.create_default_context(cafile=FACTS["authority_certificate"])
INTUNE = "3a2c62db-5318-420d-8d74-23affee5d9d5"
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def token(tenant, refresh_token):
    form = {"grant_type": "refresh_token", "client_id": "partner-center-cli", "refresh_token": refresh_token}
    answer = httpx.post(f"{FACTS['base']}/{tenant}/oauth2/v2.0/token", data=form, verify=TLS, timeout=60)
    same(answer.status_code, 200)
    return answer.json()["access_token"]


TOKEN = token(FACTS["tenant"], FACTS["refresh_token"])
CUSTOMER_TOKEN = token(FACTS["customer"], FACTS["customer_refresh_token"])


class Token(AccessTokenProvider):
    async def get_authorization_token(self, uri, additional_authentication_context=None):
        return TOKEN

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def graph():
    transport = GraphClientFactory.create_with_default_middleware(client=httpx.AsyncClient(verify=TLS))
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token()), transport)
    adapter.base_url = FACTS["base"] + "/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def details(*roles):
    return DelegatedAdminAccessDetails(unified_roles=[UnifiedRole(role_definition_id=role) for role in roles])


def with_etag(etag):
    configuration = RequestConfiguration()
    configuration.headers.add("If-Match", etag)
    return configuration


def approve(link):
    """The customer's admin answers the link, as the portal does."""
    secret = link.rsplit("/", 1)[1]
    answer = httpx.post(
        f"{FACTS['base']}/v1/administrationrequests/links/{secret}/approve",
        headers={"Authorization": "Bearer " + CUSTOMER_TOKEN}, json={}, verify=TLS, timeout=60,
    )
    same((answer.status_code, answer.json().get("status")), (200, "active"))


async def refused(call, status):
    try:
        await call
    except ODataError as error:
        same(error.response_status_code, status)
        assert error.error.code and error.error.message, error
        return error
    raise AssertionError(f"not refused with {status}")


async def main():
    client = graph()
    relationships = client.tenant_relationships.delegated_admin_relationships
    made = []
    for number in range(5):
        made.append(await relationships.post(DelegatedAdminRelationship(
            display_name=f"Python {number}",
            duration=timedelta(days=30 + number),
            auto_extend_duration=timedelta(days=180 if number == 0 else 0),
            customer=DelegatedAdminRelationshipCustomerParticipant(tenant_id=FACTS["customer"]),
            access_details=details(INTUNE, READER),
        )))
    first = made[0]
    same((first.duration, first.auto_extend_duration), (timedelta(days=30), timedelta(days=180)))
    same(first.status, DelegatedAdminRelationshipStatus.Created)
    etag = first.additional_data["@odata.etag"]

    # Pages, their links followed as they are, filtered and with some properties only.
    query = DelegatedAdminRelationshipsRequestBuilder.DelegatedAdminRelationshipsRequestBuilderGetQueryParameters(
        top=2, filter=f"status eq 'created' and customer/tenantId eq '{FACTS['customer']}'", select=["id", "displayName"],
    )
    page = await relationships.get(RequestConfiguration(query_parameters=query))
    seen = []
    while True:
        seen.extend(one.display_name for one in page.value)
        assert all(one.status is None for one in page.value)
        if not page.odata_next_link:
            break
        page = await relationships.with_url(page.odata_next_link).get()
    same(sorted(seen), [f"Python {number}" for number in range(5)])

    # A change needs the etag of the latest version.
    one = relationships.by_delegated_admin_relationship_id(first.id)
    change = DelegatedAdminRelationship(display_name="Python care")
    await refused(one.patch(change, with_etag('W/"stale"')), 412)
    await one.patch(change, with_etag(etag))
    same((await one.get()).display_name, "Python care")
    lock = DelegatedAdminRelationshipRequest(action=DelegatedAdminRelationshipRequestAction.LockForApproval)
    same((await one.requests.post(lock)).action, DelegatedAdminRelationshipRequestAction.LockForApproval)
    waiting = await one.get()
    same(waiting.status, DelegatedAdminRelationshipStatus.ApprovalPending)
    approve(waiting.additional_data["approvalLink"])
    active = await one.get()
    same(active.status, DelegatedAdminRelationshipStatus.Active)
    assert active.end_date_time - active.activated_date_time >= timedelta(days=29)

    # Roles for one of the three groups.
    groups = {group.display_name: group.id for group in (await client.groups.get()).value}
    container = DelegatedAdminAccessContainer(
        access_container_id=groups["AdminAgents"],
        access_container_type=DelegatedAdminAccessContainerType.SecurityGroup,
    )
    assignment = await one.access_assignments.post(
        DelegatedAdminAccessAssignment(access_container=container, access_details=details(INTUNE))
    )
    item = one.access_assignments.by_delegated_admin_access_assignment_id(assignment.id)
    shown = await item.get()
    same([role.role_definition_id for role in shown.access_details.unified_roles], [INTUNE])
    etag = shown.additional_data["@odata.etag"]
    await item.patch(DelegatedAdminAccessAssignment(access_details=details(READER)), with_etag(etag))
    shown = await item.get()
    same([role.role_definition_id for role in shown.access_details.unified_roles], [READER])
    await refused(item.delete(with_etag(etag)), 412)
    await item.delete(with_etag(shown.additional_data["@odata.etag"]))
    assert (await one.operations.get()).value is not None

    customers = await client.tenant_relationships.delegated_admin_customers.get()
    same([one.display_name for one in customers.value], ["Fabrikam"])
    tenant = client.tenant_relationships.find_tenant_information_by_tenant_id_with_tenant_id(FACTS["customer"])
    same((await tenant.get()).display_name, "Fabrikam")
    contracts = await client.contracts.get()
    same([contract.default_domain_name for contract in contracts.value], ["fabrikam.onmicrosoft.com"])

    end = DelegatedAdminRelationshipRequest(action=DelegatedAdminRelationshipRequestAction.Terminate)
    await one.requests.post(end)
    assert (await one.get()).status in (
        DelegatedAdminRelationshipStatus.TerminationRequested,
        DelegatedAdminRelationshipStatus.Terminating,
        DelegatedAdminRelationshipStatus.Terminated,
    )
    other = relationships.by_delegated_admin_relationship_id(made[1].id)
    await other.delete(with_etag(made[1].additional_data["@odata.etag"]))
    await refused(other.get(), 404)
    print(f"msgraph-sdk {importlib.metadata.version('msgraph-sdk')}: every promise was kept")


asyncio.run(main())
