// The least of Lambda's Runtime API: aws-lambda-ric does more, and is compiled when it is installed.
export async function run(handler) {
  const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
  for (;;) {
    const next = await fetch(`${api}/next`);
    if (!next.ok) return;
    const id = next.headers.get("lambda-runtime-aws-request-id");
    const answer = await handler(await next.json());
    await (await fetch(`${api}/${id}/response`, { method: "POST", body: JSON.stringify(answer) })).text();
  }
}
