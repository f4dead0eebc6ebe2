// Granular delegated administration with Microsoft's Graph client for JavaScript. Called with the path of a file of facts;
// fails at the first promise that is not kept.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { BatchRequestContent, BatchResponseContent, Client, PageIterator } = require("@microsoft/microsoft-graph-client");

const facts = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const path = "/tenantRelationships/delegatedAdminRelationships";
const intune = "3a2c62db-5318-420d-8d74-23affee5d9d5";
const token = signIn(facts.tenant, facts.refresh_token);
const customerToken = signIn(facts.customer, facts.customer_refresh_token);
const client = Client.init({
  baseUrl: `${facts.base}/`,
  defaultVersion: "v1.0",
  customHosts: new Set([new URL(facts.base).hostname]),
  authProvider: (done) => token.then((token) => done(null, token), done),
});

async function signIn(tenant, refreshToken) {
  const answer = await fetch(`${facts.base}/${tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token", client_id: "partner-center-cli", refresh_token: refreshToken,
    }),
  });
  assert.equal(answer.status, 200);
  return (await answer.json()).access_token;
}

function relationship(number) {
  return {
    displayName: `Node ${number}`,
    duration: "P30D",
    autoExtendDuration: "PT0S",
    customer: { tenantId: facts.customer },
    accessDetails: { unifiedRoles: [{ roleDefinitionId: intune }] },
  };
}

async function refused(call, status) {
  await assert.rejects(call, (error) => {
    assert.equal(error.statusCode, status);
    assert.ok(error.code && error.message);
    return true;
  });
}

async function approve(link) {
  const secret = link.split("/").pop();
  const answer = await fetch(`${facts.base}/v1/administrationrequests/links/${secret}/approve`, {
    method: "POST",
    headers: { Authorization: `Bearer ${await customerToken}`, "Content-Type": "application/json" },
    body: "{}",
  });
  assert.equal(answer.status, 200, await answer.text());
}

async function main() {
  const made = [];
  for (let number = 0; number < 5; number += 1) made.push(await client.api(path).post(relationship(number)));

  // The iterator follows the links as they are.
  const filter = `status eq 'created' and customer/tenantId eq '${facts.customer}'`;
  const first = await client.api(path).filter(filter).select(["id", "displayName"]).top(2).get();
  assert.equal(first.value.length, 2);
  assert.equal(first.value[0].status, undefined);
  const seen = [];
  const pages = new PageIterator(client, first, (one) => {
    seen.push(one.displayName);
    return true;
  });
  await pages.iterate();
  assert.deepEqual(seen.sort(), [0, 1, 2, 3, 4].map((number) => `Node ${number}`));

  const one = `${path}/${made[0].id}`;
  await refused(client.api(one).header("If-Match", 'W/"stale"').patch({ displayName: "Node care" }), 412);
  await client.api(one).header("If-Match", made[0]["@odata.etag"]).patch({ displayName: "Node care" });
  await client.api(`${one}/requests`).post({ action: "lockForApproval" });
  const waiting = await client.api(one).get();
  assert.deepEqual([waiting.displayName, waiting.status], ["Node care", "approvalPending"]);
  await approve(waiting.approvalLink);

  const groups = await client.api("/groups").filter("displayName eq 'AdminAgents'").get();
  const assigned = await client.api(`${one}/accessAssignments`).post({
    accessContainer: { accessContainerId: groups.value[0].id, accessContainerType: "securityGroup" },
    accessDetails: { unifiedRoles: [{ roleDefinitionId: intune }] },
  });
  assert.equal(assigned.accessContainer.accessContainerId, groups.value[0].id);

  // Several calls in one.
  const batch = new BatchRequestContent([
    { id: "1", request: new Request(`${facts.base}/v1.0${one}`, { method: "GET" }) },
    { id: "2", request: new Request(`${facts.base}/v1.0${path}/unknown`, { method: "GET" }) },
  ]);
  const answers = new BatchResponseContent(await client.api("/$batch").post(await batch.getContent()));
  assert.equal((await answers.getResponseById("1").json()).status, "active");
  assert.equal(answers.getResponseById("2").status, 404);

  await client.api(`${one}/requests`).post({ action: "terminate" });
  assert.match((await client.api(one).get()).status, /^terminat/);
  const other = client.api(`${path}/${made[1].id}`);
  await other.header("If-Match", made[1]["@odata.etag"]).delete();
  await refused(client.api(`${path}/${made[1].id}`).get(), 404);
  const { version } = require("@microsoft/microsoft-graph-client/package.json");
  console.log(`microsoft-graph-client ${version}: every promise was kept`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
