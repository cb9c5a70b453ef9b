//! What 1,000 accounts in one deployment come to, on paper: the formulas of `docs/scale.md` with their inputs.

use std::fmt::Write as _;

/// One input: its name in the formulas, its value, and where it is from.
type Input = (&'static str, f64, &'static str);

const ASSUMED: &str = "assumed";
const MEMORY: &str = "template.yaml, `MemorySize`";
const LAMBDA: &str =
    "AWS's [price list](https://aws.amazon.com/lambda/pricing/), us-east-1, arm64, as of November 2026";
const HTTP_API: &str =
    "AWS's [price list](https://aws.amazon.com/api-gateway/pricing/), HTTP API, as of November 2026";
const SECRETS: &str =
    "AWS's [price list](https://aws.amazon.com/secrets-manager/pricing/), as of November 2026";
const WATCH: &str = "AWS's [price list](https://aws.amazon.com/cloudwatch/pricing/), as of November 2026";
const LIMITS: &str =
    "Lambda's [quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)";
const READS: &str = concat!(
    "Secrets Manager's ",
    "[quotas](https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html)"
);

const INPUTS: [Input; 22] = [
    ("accounts", 1_000.0, "the question"),
    ("contacts of an account", 50_000.0, ASSUMED),
    ("runs a day", 96.0, "assumed: every 15 minutes; a quiet run is one page"),
    ("contacts of a page", 200.0, "HubSpot's manifest"),
    ("calls a day", 300.0, ASSUMED),
    ("calls of the busiest hour, of a day's", 0.2, ASSUMED),
    ("seconds of a contact page", 0.8, "assumed: the CRM's answer, nearly all of it; `crm_ms` of the log"),
    ("seconds of a look-up", 0.6, "assumed, as above"),
    ("minutes in which all runs begin", 1.0, "assumed: Talkdesk's runs tend to begin together"),
    ("days of a month", 30.0, "-"),
    ("GB of a function", 0.25, MEMORY),
    ("$ a GB and second", 0.000_013_333_4, LAMBDA),
    ("$ a million requests", 0.2, LAMBDA),
    ("$ a million API requests", 1.0, HTTP_API),
    ("$ a secret and month", 0.4, SECRETS),
    ("$ 10,000 reads of secrets", 0.05, SECRETS),
    ("$ a metric and month", 0.3, WATCH),
    ("metrics of a stack", 23.0, "docs/operations.md; none is by account"),
    ("$ a GB of log", 0.5, WATCH),
    ("kB of log a request", 2.3, "docs/operations.md"),
    ("functions at a time", 1_000.0, LIMITS),
    ("reads of secrets a second", 10_000.0, READS),
];

fn of(name: &str) -> f64 {
    INPUTS.iter().find(|(known, ..)| *known == name).map_or(f64::NAN, |(_, value, _)| *value)
}

/// Both tables.
pub fn tables() -> String {
    let mut text = String::from("| input | value | from |\n|---|---|---|\n");
    for (name, value, from) in INPUTS {
        let _ = writeln!(text, "| {name} | {value} | {from} |");
    }
    text.push_str("\n| what | formula | comes to |\n|---|---|---|\n");
    let (accounts, page, look_up) =
        (of("accounts"), of("seconds of a contact page"), of("seconds of a look-up"));
    let begin = of("minutes in which all runs begin") * 60.0;
    let busy = accounts * of("calls a day") * of("calls of the busiest hour, of a day's") / 3600.0;
    let first = of("contacts of an account") / of("contacts of a page");
    let pages = accounts * of("runs a day") * of("days of a month");
    let calls = accounts * of("calls a day") * of("days of a month");
    let (requests, seconds) = (pages + calls, pages * page + calls * look_up);
    let lambda = seconds * of("GB of a function") * of("$ a GB and second")
        + requests / 1e6 * of("$ a million requests");
    let api = requests / 1e6 * of("$ a million API requests");
    let secrets = accounts * of("$ a secret and month");
    let reads = requests / 10_000.0 * of("$ 10,000 reads of secrets");
    let metrics = of("metrics of a stack") * of("$ a metric and month");
    let log = requests * of("kB of log a request") / 1e6 * of("$ a GB of log");
    let all = lambda + api + secrets + reads + metrics + log;
    for (what, formula, value) in [
        (
            "functions at a time, contacts",
            "accounts ÷ begin of runs × page",
            format!("{:.0}", accounts / begin * page),
        ),
        (
            "the same, all in one second",
            "accounts × page",
            format!("{:.0} of {:.0}", accounts * page, of("functions at a time")),
        ),
        (
            "functions at a time, interactions",
            "accounts × calls of the busiest hour × look-up",
            format!("{:.0}", busy * look_up),
        ),
        (
            "first run of an account",
            "contacts ÷ page's × page",
            format!("{first:.0} pages, {:.0} s", first * page),
        ),
        (
            "first runs of all accounts, side by side",
            "one function each",
            format!("{accounts:.0} of {:.0}", of("functions at a time")),
        ),
        (
            "reads of secrets a second, at most",
            "one a request, all runs in one second",
            format!("{:.0} of {:.0}", accounts + busy, of("reads of secrets a second")),
        ),
        ("requests a month", "runs + calls", format!("{:.1} million", requests / 1e6)),
        ("Lambda", "seconds × GB × price + requests × price", dollars(lambda)),
        ("HTTP API", "requests × price", dollars(api)),
        ("secrets", "accounts × price", dollars(secrets)),
        ("reads of secrets, at most", "requests × price", dollars(reads)),
        ("metrics", "metrics × price", dollars(metrics)),
        ("logs", "requests × kB × price", dollars(log)),
        ("a month, without data out", "the six together", dollars(all)),
        ("an account and month", "÷ accounts", dollars(all / accounts)),
    ] {
        let _ = writeln!(text, "| {what} | {formula} | {value} |");
    }
    text
}

fn dollars(amount: f64) -> String {
    format!("${amount:.2}")
}
