//! What the shells decide about this door. Read from flags and the environment by boot, never here.

use std::net::{IpAddr, Ipv4Addr};

/// How the HTTP door stands: where it listens, and whom it lets near.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// `PM_PORT`; 0 lets the system choose (tests).
    pub port: u16,
    /// `PM_HOST`. Both loopback addresses are always bound; another address, or all of them (`0.0.0.0`, `::`), beside them.
    pub host: IpAddr,
    /// `PM_ALLOWED_HOSTS`: further names, without port, that may stand in `Host`.
    pub allowed_hosts: Vec<String>,
    /// `PM_ALLOWED_ORIGINS`: further origins, exact, whose pages may call.
    pub allowed_origins: Vec<String>,
    /// `PM_TRUSTED_PROXIES`: peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// `PM_ADMIN_REMOTE=1`: admin calls may come from elsewhere than this machine.
    pub admin_remote: bool,
}

impl Default for ApiConfig {
    fn default() -> ApiConfig {
        ApiConfig {
            port: 8689,
            host: Ipv4Addr::LOCALHOST.into(),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            admin_remote: false,
        }
    }
}

impl ApiConfig {
    /// Whether others than this machine can reach the port.
    pub fn is_wide(&self) -> bool {
        !self.host.to_canonical().is_loopback()
    }
}
