//! What to do about an answer that is not as it should be.

/// What the code of a refusal means for whoever sets the bridge up.
pub fn of_code(code: &str) -> &'static str {
    match code {
        "caller_refused" => {
            "the account or the key given here is not the one of its secret: compare --auth with the secret in \
             Secrets Manager (`talkdesk-bridge secret --check`), and the secret's name with the stack's output SecretPrefix; \
             or CallerAddresses leaves this machine's address out"
        }
        "secret_unusable" => {
            "the account's secret is there but cannot be used: the function's log names it and says why; \
             `talkdesk-bridge secret --check FILE` compares it with the manifest"
        }
        "secret_unavailable" => {
            "Secrets Manager did not answer the function: look at the function's role, and at AWS's health page"
        }
        "credentials_refused" => {
            "the CRM does not take the credentials: renew the key in the secret, or allow the app anew in Talkdesk"
        }
        "forbidden" => "the CRM's user lacks rights: the manifest's README names those that are needed",
        "crm_unreachable" => {
            "the function cannot connect to the CRM: check the host in the secret or in --auth, and whether the CRM \
             lets AWS's addresses in"
        }
        "crm_timeout" | "crm_unavailable" => "the CRM is down or slow: try it by hand, then run this again",
        "crm_unreadable" | "no_progress" => {
            "the CRM answers otherwise than the manifest expects: the function's log says where; run \
             `talkdesk-bridge check`, and compare versions"
        }
        "rate_limited" | "quota_exhausted" => "the CRM's limit is used up: wait, or ask for a larger one",
        "not_offered" => {
            "the stack runs another manifest, or the component is switched off: compare INTEGRATION"
        }
        "bad_request" => "the fields of --auth do not have the form that the manifest asks for",
        _ => "look for the request's id in the function's log",
    }
}

/// What a status without one of our bodies means: it comes from API Gateway, or from another server.
pub fn of_status(status: u16) -> &'static str {
    match status {
        403 => {
            "API Gateway refuses: the default endpoint is disabled (use the domain name), or a firewall is in front"
        }
        404 => {
            "there is no such path: the URL lacks the stage, or the component is switched off in the stack"
        }
        429 => "API Gateway throttles: raise ThrottlingRate and ThrottlingBurst",
        500 | 502 => {
            "the function does not start or crashes: its log group /aws/lambda/STACK/FUNCTION says why; wrong \
             Architecture and an unknown INTEGRATION are the usual causes"
        }
        503 | 504 => {
            "the function takes too long or is at its ReservedConcurrency: look at its duration and throttles"
        }
        _ => "this is no Talkdesk Bridge: is the URL right?",
    }
}

/// What a connection that fails means.
pub fn of_connection(reason: &str) -> &'static str {
    let reason = reason.to_ascii_lowercase();
    if reason.contains("corrupt message") {
        "the port speaks no TLS: is it the right one?"
    } else if reason.contains("certificate") || reason.contains("tls") || reason.contains("handshake") {
        "the certificate is not one that Talkdesk will trust: CertificateArn must be for this very name, in this region"
    } else if reason.contains("refused") {
        "nobody listens there: is the stack deployed, the port right?"
    } else {
        "no connection: check the network, and that the name leads to the output DomainTarget"
    }
}
