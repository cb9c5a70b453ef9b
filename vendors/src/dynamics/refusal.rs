//! Errors as the vendor words them.

use axum::response::Response;
use serde_json::json;

use super::schema::Entity;
use crate::world::answer;

/// An error as the vendor answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(super) status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned() }
    }

    /// A query or body that cannot be read.
    pub fn bad(message: &str) -> Self {
        Self::new(400, "0x80060888", message)
    }

    /// An unknown column.
    pub fn no_property(name: &str, entity: &Entity) -> Self {
        let message = format!(
            "Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{}'.",
            entity.name
        );
        Self::new(400, "0x0", &message)
    }

    pub(super) fn no_row(entity: &Entity, id: &str) -> Self {
        Self::new(404, "0x80040217", &format!("Entity '{}' With Id = {id} Does Not Exist", entity.name))
    }

    pub(super) fn response(&self) -> Response {
        answer(self.status, &json!({"error": {"code": self.code, "message": self.message}}))
    }
}
