//! Talkdesk's Authorization Validator (contract §2) as a Lambda function.

use bridge::contract::Component;
use bridge::gateway::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(Component::AuthValidation).await
}
