//! One program for every case: the handler that the function names says which, and which of the two crates takes the event.
mod answers;
mod http_handlers;
mod runtime_handlers;

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let name = std::env::var("_HANDLER")?;
    match name.strip_prefix("http.") {
        Some(name) => http_handlers::run(name).await,
        None => runtime_handlers::run(&name).await,
    }
}
