"""Devices with msgraph-sdk for Python: imported, waited for, listed, changed, removed.

Called with the path of a file of facts; ends with an error at the first promise that is not kept.
"""

import asyncio
import base64
import importlib.metadata
import json
import ssl
import sys

import httpx
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator, BaseBearerTokenAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.device_management.imported_windows_autopilot_device_identities.import_.import_post_request_body import (
    ImportPostRequestBody,
)
from msgraph.generated.device_management.windows_autopilot_device_identities.item.update_device_properties.update_device_properties_post_request_body import (
    UpdateDevicePropertiesPostRequestBody,
)
from msgraph.generated.device_management.windows_autopilot_device_identities.windows_autopilot_device_identities_request_builder import (
    WindowsAutopilotDeviceIdentitiesRequestBuilder,
)
from msgraph.generated.models.imported_windows_autopilot_device_identity import ImportedWindowsAutopilotDeviceIdentity
from msgraph.generated.models.imported_windows_autopilot_device_identity_import_status import (
    ImportedWindowsAutopilotDeviceIdentityImportStatus as ImportStatus,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_core import GraphClientFactory

with open(sys.argv[1], encoding="utf-8") as file:
    FACTS = json.load(file)
TLS = ssl.create_default_context(cafile=FACTS["authority_certificate"])


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def token():
    """A token of the partner's, for the customer's tenant."""
    form = {
        "grant_type": "refresh_token", "client_id": "partner-center-cli", "refresh_token": FACTS["refresh_token"],
    }
    address = f"{FACTS['base']}/{FACTS['customer']}/oauth2/v2.0/token"
    answer = httpx.post(address, data=form, verify=TLS, timeout=60)
    same(answer.status_code, 200)
    return answer.json()["access_token"]


TOKEN = token()


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


def captured(serial):
    return ImportedWindowsAutopilotDeviceIdentity(
        serial_number=serial,
        group_tag="Sales",
        hardware_identifier=base64.b64decode(FACTS["hashes"][serial]),
    )


async def main():
    client = graph()
    imported = client.device_management.imported_windows_autopilot_device_identities
    devices = client.device_management.windows_autopilot_device_identities
    serials = sorted(FACTS["hashes"])
    body = ImportPostRequestBody(imported_windows_autopilot_device_identities=[captured(serial) for serial in serials])
    made = (await imported.import_.post(body)).value
    same([one.serial_number for one in made], serials)

    # As scripts wait: as long as a device is "unknown".
    for _ in range(60):
        listed = {one.id: one for one in (await imported.get()).value}
        if all(listed[one.id].state.device_import_status != ImportStatus.Unknown for one in made):
            break
        await asyncio.sleep(0.5)
    for one in made:
        state = listed[one.id].state
        same((state.device_import_status, state.device_error_code), (ImportStatus.Complete, 0))
        await imported.by_imported_windows_autopilot_device_identity_id(one.id).delete()
    same((await imported.get()).value, [])

    # Pages, their links followed as they are.
    query = WindowsAutopilotDeviceIdentitiesRequestBuilder.WindowsAutopilotDeviceIdentitiesRequestBuilderGetQueryParameters
    page = await devices.get(RequestConfiguration(query_parameters=query(top=1)))
    found = list(page.value)
    while page.odata_next_link:
        page = await devices.with_url(page.odata_next_link).get()
        found.extend(page.value)
    same(sorted(one.serial_number for one in found), serials)
    part = RequestConfiguration(query_parameters=query(filter=f"contains(serialNumber,'{serials[0]}')"))
    first = (await devices.get(part)).value[0]
    same((first.manufacturer, first.model, first.group_tag), ("Proseware", "Cube", "Sales"))

    one = devices.by_windows_autopilot_device_identity_id(first.id)
    await one.update_device_properties.post(UpdateDevicePropertiesPostRequestBody(display_name="FAB-1"))
    same((await one.get()).display_name, "FAB-1")
    await one.delete()
    try:
        await one.get()
        raise AssertionError("a device that was removed is shown")
    except ODataError as error:
        same(error.response_status_code, 404)
        assert error.error.code and error.error.message, error
    print(f"msgraph-sdk {importlib.metadata.version('msgraph-sdk')}: every promise about devices was kept")


asyncio.run(main())
