//! Every template of a section, with the path that names it in a complaint.

use super::super::check::Findings;
use super::super::expression::{PieceRef, Template};
use super::super::model::{Action, ActionResult, Fetch, Ordered, Step, Tree};
use super::super::problem::Problem;
use super::place::{ANSWER, Place};

pub(super) type Path = Vec<String>;

pub(super) fn at(path: &[String], key: &str) -> Path {
    let mut path = path.to_vec();
    path.push(key.to_owned());
    path
}

pub(super) fn path(keys: &[&str]) -> Path {
    keys.iter().map(|k| (*k).to_owned()).collect()
}

/// Collects what is wrong.
pub(super) struct Walk<'f> {
    pub(super) findings: &'f mut Findings,
    /// The path of every template that was met, with the names that it may use.
    pub(super) places: Vec<(Path, Vec<String>)>,
}

impl Walk<'_> {
    pub(super) fn optional(&mut self, path: &[String], template: Option<&Template>, place: &Place<'_>) {
        if let Some(template) = template {
            self.template(path, template, place);
        }
    }

    /// What is asked whether it is true: a text always is, so nothing may stand beside the expression.
    pub(super) fn condition(&mut self, path: &[String], template: Option<&Template>, place: &Place<'_>) {
        let Some(template) = template else { return };
        self.template(path, template, place);
        if template.is_mixed() || template.constant().is_some_and(|value| value.as_str().is_some()) {
            let problem = Problem::new("a condition is one expression: a text is always true");
            self.findings.error(path.to_vec(), problem.hint("\"{{ … }}\", with nothing before and after it"));
        }
    }

    /// What gives rows: with text beside the expression it would be a text, whatever the CRM answers.
    pub(super) fn rows(&mut self, path: &[String], template: &Template, place: &Place<'_>) {
        self.template(path, template, place);
        if template.is_mixed() {
            let problem = Problem::new("a list is one expression: with text beside it, it is a text");
            self.findings.error(path.to_vec(), problem.hint("\"{{ … }}\", with nothing before and after it"));
        }
    }

    pub(super) fn template(&mut self, path: &[String], template: &Template, place: &Place<'_>) {
        let steps = place.steps.iter().map(|name| format!("steps.{name}"));
        self.places.push((path.to_vec(), place.roots.iter().cloned().chain(steps).collect()));
        for expression in template.expressions() {
            self.expression(path, expression, place);
            if place.quoting && (template.is_mixed() || expression.found().concatenates) {
                self.quoting(path, template, expression);
            }
        }
    }

    pub(super) fn fetch(&mut self, path: &[String], fetch: &Fetch, place: &Place<'_>) {
        // A URL's path is written to logs of every proxy on the way: no secrets there.
        let open = Place {
            secrets: false,
            roots: place.roots.iter().filter(|r| *r != "secret").cloned().collect(),
            ..place.clone()
        };
        self.optional(&at(path, "path"), fetch.path.as_ref(), &open);
        self.names(path, fetch);
        self.optional(&at(path, "url"), fetch.url.as_ref(), place);
        let quoted = place.quoted();
        for (name, tree) in &fetch.query {
            self.tree(&at(&at(path, "query"), name), tree, &quoted);
        }
        for (name, template) in &fetch.headers {
            self.template(&at(&at(path, "headers"), name), template, place);
        }
        self.optional_members(path, fetch, &quoted);
        if let Some(body) = &fetch.body {
            self.tree(&at(path, "body"), body, &quoted);
        }
        for (name, template) in fetch.form.iter().flatten() {
            self.template(&at(&at(path, "form"), name), template, &quoted);
        }
    }

    /// Names of parameters and headers are sent as they stand; and a path's expressions are one segment of it each.
    fn names(&mut self, path: &[String], fetch: &Fetch) {
        let names = [
            ("query", fetch.query.keys().collect::<Vec<_>>()),
            ("headers", fetch.headers.keys().collect()),
            ("form", fetch.form.iter().flat_map(|form| form.keys()).collect()),
        ];
        for (key, names) in names {
            for name in names.into_iter().filter(|name| name.contains("{{")) {
                let problem = Problem::new("a name is sent as it stands, without expressions");
                self.findings.error(at(&at(path, key), name), problem);
            }
        }
        let begins = fetch.path.as_ref().and_then(|path| path.pieces().into_iter().next());
        if matches!(begins, Some(PieceRef::Hole(_))) {
            let problem = Problem::new(
                "a path begins with `/`: an expression in it is one segment, its slashes encoded",
            );
            self.findings
                .error(at(path, "path"), problem.hint("/contacts/{{ … }}; for another address, use `url`"));
        }
    }

    /// Only an action's write is made once more, and only without what its body has.
    fn optional_members(&mut self, path: &[String], fetch: &Fetch, place: &Place<'_>) {
        let write = matches!(path, [section, _, fetch] if section == "actions" && fetch == "fetch");
        for (member, spec) in &fetch.optional {
            let here = at(&at(path, "optional"), member);
            self.optional(&at(&here, "instead"), spec.instead.as_ref(), place);
            if !write {
                let message = "only an action's own write (`actions.*.fetch`) has optional members";
                self.findings.error(here, Problem::new(message));
            } else if fetch.body.as_ref().and_then(|body| body.member(member)).is_none() {
                let problem = Problem::new(format!("the body has no member `{member}`"));
                let hint = "keys and positions joined by dots, such as `owner` or `data.0.Owner`";
                self.findings.error(here, problem.hint(hint));
            }
        }
    }

    pub(super) fn tree(&mut self, path: &[String], tree: &Tree, place: &Place<'_>) {
        match tree {
            Tree::Leaf(template) => self.template(path, template, place),
            Tree::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.tree(&at(path, &index.to_string()), item, place);
                }
            }
            Tree::Map(entries) => {
                for (key, value) in entries {
                    self.template(&at(path, key.source()), key, place);
                    self.tree(&at(path, key.source()), value, place);
                }
            }
            Tree::Json(inner) => self.tree(&at(path, "$json"), inner, place),
            Tree::Base64Url(inner) => self.tree(&at(path, "$base64url"), inner, place),
            Tree::Each { list, name, value } => {
                self.template(&at(path, "$each"), list, place);
                let mut inner = place.with([name.as_str()]);
                inner.forms &= name != "phone";
                self.tree(&at(path, "$value"), value, &inner);
            }
        }
    }

    /// A value of `const`: what it is used in is not known here, so values from outside are always quoted.
    pub(super) fn constant(&mut self, path: &[String], tree: &Tree, place: &Place<'_>) {
        self.tree(path, tree, place);
        let mut templates = Vec::new();
        tree.each_template(&mut |template| templates.push(template));
        for template in templates.into_iter().filter(|template| !template.is_mixed()) {
            for expression in template.expressions().into_iter().filter(|e| !e.found().concatenates) {
                self.quoting(path, template, expression);
            }
        }
    }

    /// Checks the steps in the order in which they run, each with what is known by then: before the call
    /// in `begun`, after it in `after`, for every row in `row`. Gives back `begun` with the steps before the
    /// call.
    pub(super) fn steps<'a>(
        &mut self,
        here: &[String],
        steps: &'a Ordered<Step>,
        begun: &Place<'a>,
        after: &Place<'a>,
        row: &Place<'a>,
    ) -> Place<'a> {
        let own = |when: fn(&Step) -> bool| steps.iter().filter(move |(_, step)| when(step));
        let page = own(|step| step.after).map(|(name, _)| name);
        let mut before = begun.clone();
        let (mut after, mut row) = (after.steps_before(steps), row.steps_before(steps).steps(page));
        self.steps_in(here, own(Step::comes_before), &mut before);
        self.steps_in(here, own(|step| step.after), &mut after);
        self.steps_in(here, own(|step| !step.after && step.for_each.is_some()), &mut row);
        before
    }

    fn steps_in<'a>(
        &mut self,
        here: &[String],
        steps: impl Iterator<Item = (&'a String, &'a Step)>,
        seen: &mut Place<'a>,
    ) {
        for (name, step) in steps {
            let here = at(&at(here, "steps"), name);
            self.condition(&at(&here, "when"), step.when.as_ref(), seen);
            if let Some(fetch) = &step.fetch {
                self.fetch(&at(&here, "fetch"), fetch, seen);
            }
            let answer = if step.fetch.is_some() { seen.with(ANSWER) } else { seen.clone() };
            self.condition(&at(&here, "ok"), step.ok.as_ref(), &answer);
            if let Some(value) = &step.value {
                self.tree(&at(&here, "value"), value, &answer.without("initial"));
            }
            *seen = seen.steps([name]);
        }
    }

    pub(super) fn action<'a>(&mut self, here: &[String], action: &'a Action, base: &Place<'a>) {
        let mut place = base.with(["input", "contact", "agent", "call", "idempotency_key", "now"]);
        place.inputs = Some(action);
        for (index, requirement) in action.require.iter().enumerate() {
            let here = at(&at(&at(here, "require"), &index.to_string()), "that");
            self.condition(&here, Some(&requirement.that), &place);
        }
        let answer = place.with(ANSWER);
        let place = self.steps(here, &action.steps, &place, &answer, &answer);
        self.fetch(&at(here, "fetch"), &action.fetch, &place);
        let answer = place.with(ANSWER);
        self.condition(&at(here, "ok"), action.ok.as_ref(), &answer);
        let after = action.steps.iter().filter(|(_, step)| step.after).map(|(name, _)| name);
        self.result(&at(here, "result"), &action.result, &answer.steps(after));
        if let Some(result) = &action.on_conflict {
            self.result(&at(here, "on_conflict"), result, &place.with(["existing_id"]));
        }
    }

    pub(super) fn result(&mut self, here: &[String], result: &ActionResult, place: &Place<'_>) {
        for (key, template) in [
            ("message", &result.message),
            ("external_id", &result.external_id),
            ("contact_external_id", &result.contact_external_id),
            ("contact_external_type", &result.contact_external_type),
            ("contact_external_url", &result.contact_external_url),
        ] {
            self.optional(&at(here, key), template.as_ref(), place);
        }
    }
}
