// Home-5 by hand in Rust: hyper and serde on one thread.
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::{connect::HttpConnector, Client};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{env, error::Error, net::SocketAddr, time::Duration};

const MAX_BYTES: usize = 1 << 21;

type Failure = Box<dyn Error + Send + Sync>;
type Http = Client<HttpConnector, Empty<Bytes>>;

#[derive(Deserialize, Serialize)]
struct User {
    name: String,
    tier: String,
    points: i64,
}

#[derive(Deserialize, Serialize)]
struct Cart {
    count: i64,
    total: i64,
}

#[derive(Deserialize, Serialize)]
struct Product {
    id: String,
    title: String,
    price: Box<RawValue>,
    image: String,
}

#[derive(Deserialize, Serialize)]
struct RatedProduct {
    id: String,
    title: String,
    price: Box<RawValue>,
    image: String,
    rating: Box<RawValue>,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Notifications {
    unread: i64,
}

#[derive(Serialize)]
struct Home {
    user: User,
    cart: Cart,
    recommended: Vec<Product>,
    products: Vec<RatedProduct>,
    unread: i64,
}

async fn get<T: DeserializeOwned>(client: &Http, upstream: &str, path: &str) -> Result<T, Failure> {
    let request = Request::get(format!("{upstream}{path}")).body(Empty::new())?;
    let response = client.request(request).await?;
    if response.status() != 200 {
        return Err(format!("status {}", response.status()).into());
    }
    let body = Limited::new(response.into_body(), MAX_BYTES).collect().await?.to_bytes();
    Ok(serde_json::from_slice(&body)?)
}

async fn home(client: &Http, upstream: &str) -> Result<Vec<u8>, Failure> {
    let (user, cart, recommended, products, notifications) = tokio::try_join!(
        get::<User>(client, upstream, "/users"),
        get::<Cart>(client, upstream, "/cart"),
        get::<Items<Product>>(client, upstream, "/recs"),
        get::<Items<RatedProduct>>(client, upstream, "/products"),
        get::<Notifications>(client, upstream, "/notifications"),
    )?;
    Ok(serde_json::to_vec(&Home {
        user,
        cart,
        recommended: recommended.items,
        products: products.items,
        unread: notifications.unread,
    })?)
}

async fn respond(client: Http, upstream: &'static str, _: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
    match tokio::time::timeout(Duration::from_secs(10), home(&client, upstream)).await {
        Ok(Ok(body)) => Ok(Response::builder()
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?),
        _ => Ok(Response::builder().status(502).body(Full::default())?),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let upstream: &'static str = Box::leak(env::var("UPSTREAM")?.into_boxed_str());
    let connections: usize = env::var("CONNECTIONS")?.parse()?;
    let port: u16 = env::var("PORT")?.parse()?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Http = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(connections)
        .build(connector);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let client = client.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(client.clone(), upstream, request));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
