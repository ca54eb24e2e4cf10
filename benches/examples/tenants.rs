//! `tenants TENANTS FOLDERS`: many tenants with many encrypted folders each, all in one process. Prints how long a
//! tenant took to make, and a line for each folder that can be asked for; then it serves until it is killed.

use std::io::Write as _;
use std::time::{Duration, Instant};

use e2ee_mock_server::model::Writer;
use e2ee_mock_server::{MockServer, RecorderLimits, SignedMetadata, Tenant, TenantError, TenantOptions};

/// What all tenants together may keep of their traffic.
const HISTORY: usize = 24 * 1024 * 1024;
/// The length of each folder's metadata.
const METADATA: usize = 4096;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<usize> =
        std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [tenants, folders] = arguments[..] else { return Err("expected TENANTS FOLDERS".into()) };
    let server = MockServer::start().await;
    let authority = server.default_tenant().authority().clone();
    let mut options = TenantOptions::new("", authority);
    options.recorder = RecorderLimits { bytes: HISTORY / tenants.max(1), ..RecorderLimits::default() };

    let mut spent = Vec::with_capacity(tenants);
    let mut made = Vec::with_capacity(tenants);
    for number in 0..tenants {
        let options = TenantOptions { name: format!("t{number}"), ..options.clone() };
        let start = Instant::now();
        made.push(tenant(&server, options)?);
        spent.push(start.elapsed());
    }
    spent.sort();
    let middle = spent.get(spent.len() / 2).copied().unwrap_or_default();

    let mut out = std::io::BufWriter::new(std::io::stdout());
    writeln!(out, "{}", server.uri())?;
    writeln!(out, "{}", micros(middle))?;
    for tenant in &made {
        for number in 0..folders {
            let id = folder(tenant, number)?;
            let prefix = tenant.base_url();
            let path = prefix.strip_prefix(&server.uri()).unwrap_or_default();
            writeln!(out, "{path}/ocs/v2.php/apps/end_to_end_encryption/api/v2/meta-data/{id}?format=json")?;
        }
    }
    writeln!(out, "ready")?;
    out.flush()?;
    std::future::pending::<()>().await;
    Ok(())
}

/// What a test does that needs a server of its own: a tenant with one account.
fn tenant(server: &MockServer, options: TenantOptions) -> Result<Tenant, TenantError> {
    let tenant = server.tenant(options)?;
    tenant.add_credential("alice", "secret", "laptop");
    Ok(tenant)
}

fn folder(tenant: &Tenant, number: usize) -> Result<String, Box<dyn std::error::Error>> {
    let alice = Writer { user: "alice", token: None, supported: true, link: None };
    let mut model = tenant.model();
    let id = model.make_folder(alice, &[format!("folder-{number}")])?.id;
    model.set_encrypted(id, true);
    let document = format!("{{\"metadata\":\"{}\"}}", "a".repeat(METADATA - 15));
    model.set_metadata(id, Some(SignedMetadata { document, signature: Some("c2lnbmF0dXJl".to_owned()) }));
    Ok(id.to_string())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
