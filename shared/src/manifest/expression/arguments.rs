//! Whether a filter can take the arguments that it is given, and stand where it stands: found out when the manifest
//! is checked, by trying it on nothing.

use minijinja::machinery::ast::{CallArg, Expr, Filter};
use minijinja::value::Kwargs;
use minijinja::{ErrorKind, Value};

use super::values::OURS;
use super::{ENVIRONMENT, argument};

/// Filters that write a literal of a query language; what changes their result may undo that.
const LANGUAGES: [&str; 5] = ["quote", "soql", "coql", "odata", "filter_text"];
/// Filters that change a text.
const CHANGING: [&str; 8] = ["lower", "upper", "trim", "replace", "take", "text", "match", "split"];

/// Judges one filter of an expression.
///
/// # Errors
/// A sentence: too many arguments, too few, one of another kind than the filter takes, or a change of a text that is
/// quoted already.
pub(super) fn check(filter: &Filter<'_>) -> Result<(), String> {
    let name = filter.name;
    if let Some(Expr::Filter(before)) = &filter.expr
        && CHANGING.contains(&name)
        && LANGUAGES.contains(&before.name)
    {
        let quoted = before.name;
        return Err(format!(
            "`{name}` behind `{quoted}` changes what is quoted already: write it before `{quoted}`"
        ));
    }
    if let ("same_number", Some(CallArg::Pos(given))) = (name, filter.args.first())
        && (matches!(given, Expr::Var(name) if name.id == "number")
            || matches!(given, Expr::GetAttr(form) if form.name == "e164"))
    {
        return Err(
            "`same_number` takes `phone`: a text does not say in which country it was dialled".to_owned()
        );
    }
    let constant = filter.args.iter().all(|given| matches!(argument(given), Expr::Const(_)));
    let mut values = vec![Value::from(())];
    let mut named = Vec::new();
    for given in &filter.args {
        let value = match argument(given) {
            Expr::Const(constant) => constant.value.clone(),
            _ => Value::from(()),
        };
        match given {
            CallArg::Kwarg(name, _) => named.push((*name, value)),
            _ => values.push(value),
        }
    }
    if !named.is_empty() {
        values.push(Value::from(named.into_iter().collect::<Kwargs>()));
    }
    let Err(error) = ENVIRONMENT.empty_state().apply_filter(name, &values) else { return Ok(()) };
    let ours = error.detail().and_then(|detail| detail.strip_prefix(OURS));
    match (error.kind(), ours) {
        (ErrorKind::TooManyArguments, _) => Err(format!("`{name}` has too many arguments")),
        (ErrorKind::MissingArgument, _) => Err(format!("`{name}` lacks an argument")),
        // What is not constant is not known here.
        _ if !constant => Ok(()),
        (_, Some(why)) => Err(why.to_owned()),
        (kind, None) => Err(format!("`{name}` cannot take its arguments: {kind}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::expression::{Expression, FILTERS};

    #[test]
    fn every_filter_that_is_named_here_exists() {
        for name in LANGUAGES.iter().chain(&CHANGING) {
            assert!(FILTERS.iter().any(|filter| filter.name == *name), "{name}");
        }
    }

    #[test]
    fn arguments_that_a_filter_cannot_take_are_refused_before_anything_runs() {
        for (expression, says) in [
            ("a | quote('ab')", "one sign each"),
            ("a | quote('')", "one sign each"),
            ("a | quote('«')", "one sign each"),
            ("a | quote('\"', '\\\\')", "`quote` has too many arguments"),
            ("a | quote(mark='x')", "too many arguments"),
            ("a | digits(4)", "`digits` has too many arguments"),
            ("a | take", "`take` lacks an argument"),
            ("a | take('x')", "`take` cannot take its arguments"),
            ("a | where('x')", "`where` lacks an argument"),
            ("a | lookup", "`lookup` lacks an argument"),
            ("a | lookup('b', 'c')", "`lookup` has too many arguments"),
            ("a | quote | replace('x', 'y')", "`replace` behind `quote`"),
            ("a | soql | lower | trim", "`lower` behind `soql`"),
            ("a | same_number(number)", "takes `phone`"),
            ("a | same_number(phone.e164)", "takes `phone`"),
        ] {
            let told = Expression::compile(expression).map_or_else(|why| why, |_| "accepted".to_owned());
            assert!(told.contains(says), "{expression}: {told}");
        }
        for good in
            ["a | take(n)", "a | quote | join(',')", "a | quote('\"', escape='\\\\')", "a | lower | quote"]
        {
            assert!(Expression::compile(good).is_ok(), "{good}");
        }
    }
}
