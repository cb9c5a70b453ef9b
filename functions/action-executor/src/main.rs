//! Talkdesk's Action Executor (contract §6) as a Lambda function.

use bridge::contract::Component;
use bridge::gateway::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(Component::Actions).await
}
