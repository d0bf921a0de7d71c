//! Taking the port (SECURITY.md B1, B3): both loopback addresses, all or none, and never another port in silence.
//!
//! On Unix the sockets carry SO_REUSEADDR, so that a restart does not wait for old connections to time out; two listeners on
//! one address are refused all the same. On Windows that option would let a second process take the address, so it is not
//! set there: without it Windows refuses an address that is in use.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use crate::ApiConfig;

/// How many other ports are tried when the system chooses one and only half of it is free. Tests only: port 0.
const TRIES_FOR_ANY_PORT: usize = 20;
const BACKLOG: i32 = 1024;

/// The sockets PilotDeck listens on: one per address, all with one port.
#[derive(Debug)]
pub struct Listeners {
    pub(crate) sockets: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
}

impl Listeners {
    /// The addresses, IPv4 first.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The port they share.
    pub fn port(&self) -> u16 {
        self.addresses.first().map_or(0, SocketAddr::port)
    }
}

/// Why the port could not be taken. `Display` is a sentence for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another process has it.
    #[error("port {} of {} is in use by another program: stop it, or choose another port with PM_PORT", .address.port(), .address.ip())]
    InUse {
        /// The address that is taken.
        address: SocketAddr,
    },
    /// The system refused for another reason.
    #[error("cannot listen on {address}: {source}")]
    Refused {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// Takes the port on every address of `config`, or on none.
pub async fn bind(config: &ApiConfig) -> Result<Listeners, BindError> {
    let mut tries = if config.port == 0 { TRIES_FOR_ANY_PORT } else { 1 };
    loop {
        tries -= 1;
        match bind_all(&wanted_addresses(config.host), config.port) {
            Err(BindError::InUse { .. }) if tries > 0 => {}
            other => return other,
        }
    }
}

/// Loopback always; `PM_HOST` beside it when it is wider.
fn wanted_addresses(host: IpAddr) -> Vec<IpAddr> {
    if host.is_unspecified() {
        return vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
    }
    let mut addresses = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    if !addresses.contains(&host) {
        addresses.push(host);
    }
    addresses
}

fn bind_all(wanted: &[IpAddr], port: u16) -> Result<Listeners, BindError> {
    let mut sockets = Vec::new();
    let mut addresses = Vec::new();
    let mut port = port;
    for ip in wanted {
        let address = SocketAddr::new(*ip, port);
        match listen_on(address).and_then(|socket| Ok((socket.local_addr()?, socket))) {
            Ok((bound, socket)) => {
                port = bound.port();
                addresses.push(bound);
                sockets.push(socket);
            }
            Err(error) if ip.is_ipv6() && has_no_ipv6(&error) => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(BindError::InUse { address });
            }
            Err(source) => return Err(BindError::Refused { address, source }),
        }
    }
    Ok(Listeners { sockets, addresses })
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// No IPv6 in this kernel, or none on this host; as opposed to an address somebody else holds.
fn has_no_ipv6(error: &io::Error) -> bool {
    if matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported) {
        return true;
    }
    // EAFNOSUPPORT has no stable kind: 97 on Linux, 47 on macOS and the BSDs, 10047 on Windows.
    matches!(error.raw_os_error(), Some(97) if cfg!(target_os = "linux"))
        || matches!(error.raw_os_error(), Some(47) if cfg!(all(unix, not(target_os = "linux"))))
        || matches!(error.raw_os_error(), Some(10047) if cfg!(windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_host_never_loses_the_loopback_addresses() {
        let loopback: Vec<IpAddr> = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        assert_eq!(wanted_addresses(Ipv4Addr::LOCALHOST.into()), loopback);
        assert_eq!(wanted_addresses(Ipv6Addr::LOCALHOST.into()), loopback);
        let lan: IpAddr = [192, 168, 1, 5].into();
        assert_eq!(wanted_addresses(lan), [loopback.clone(), vec![lan]].concat());
        assert_eq!(
            wanted_addresses(Ipv6Addr::UNSPECIFIED.into()),
            [IpAddr::from(Ipv4Addr::UNSPECIFIED), Ipv6Addr::UNSPECIFIED.into()]
        );
    }
}
