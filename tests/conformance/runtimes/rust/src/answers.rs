use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use lambda_runtime::{
    streaming::{channel, Body},
    Context, Diagnostic, Error,
};
use serde_json::{json, Value};
use tokio::{io::AsyncReadExt, net::TcpStream};

const LARGE_CHUNKS: usize = 1024;
const CHUNK_BYTES: usize = 65536;

#[derive(Debug)]
pub struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("refused: 無理")
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for Diagnostic {
    fn from(error: Refused) -> Self {
        Diagnostic {
            error_type: "Refused".into(),
            error_message: error.to_string(),
        }
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

pub fn describe(context: &Context) -> Value {
    let now_ms = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64);
    let config = &context.env_config;
    json!({
        "requestId": context.request_id,
        "invokedFunctionArn": context.invoked_function_arn,
        "remainingMs": context.deadline as i64 - now_ms,
        "functionName": config.function_name,
        "functionVersion": config.version,
        "memoryLimitInMB": config.memory.to_string(),
        "logGroupName": config.log_group,
        "logStreamName": config.log_stream,
        "traceId": context.xray_trace_id,
        "region": variable("AWS_REGION"),
        "taskRoot": variable("LAMBDA_TASK_ROOT"),
        "own": variable("OWN"),
    })
}

/// Waits until the test lets go on.
async fn wait() {
    if let Ok(mut connection) = TcpStream::connect(variable("GATE")).await {
        let _ = connection.read_to_end(&mut Vec::new()).await;
    }
}

pub fn first() -> Body {
    let (mut sink, body) = channel();
    tokio::spawn(async move {
        sink.send_data("first ".into()).await?;
        wait().await;
        sink.send_data("last".into()).await
    });
    body
}

pub fn broken() -> Body {
    let (mut sink, body) = channel();
    tokio::spawn(async move {
        sink.send_data("first ".into()).await?;
        wait().await;
        sink.abort();
        Ok::<(), Error>(())
    });
    body
}

pub fn large() -> Body {
    let (mut sink, body) = channel();
    tokio::spawn(async move {
        for index in 0..LARGE_CHUNKS {
            sink.send_data(Bytes::from(vec![(index % 251) as u8; CHUNK_BYTES]))
                .await?;
        }
        Ok::<(), Error>(())
    });
    body
}
