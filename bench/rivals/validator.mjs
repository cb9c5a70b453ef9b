// A validator as somebody would write it for Lambda's Node.js: the key from Secrets Manager, one call.
// With CREDENTIALS=talkdesk there is no secret: Talkdesk sends the CRM's token (HubSpot).
import { run } from "./runtime.mjs";

const crm = process.env.CRM_BASE_URL;
const sdk = process.env.CREDENTIALS === "talkdesk" ? null : await import("@aws-sdk/client-secrets-manager");
const secrets = sdk && new sdk.SecretsManagerClient({});

async function handler(event) {
  const { auth } = JSON.parse(event.body);
  let url = `${crm}/account-info/2026-03/details`;
  let headers = { authorization: `Bearer ${auth.access_token}` };
  if (secrets) {
    const SecretId = `talkdesk-bridge/espocrm/${auth.account}`;
    const { SecretString } = await secrets.send(new sdk.GetSecretValueCommand({ SecretId }));
    url = `${crm}/api/v1/App/user`;
    headers = { "x-api-key": JSON.parse(SecretString).api_key };
  }
  const answer = await fetch(url, { headers });
  await answer.text();
  return { statusCode: answer.ok ? 200 : 401, body: "{}" };
}

await run(handler);
