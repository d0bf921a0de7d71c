//! Who is at the other end of a loopback connection, asked of the system (SECURITY.md "local request", point 4). Linux only:
//! elsewhere the answer is yes. The one platform file of this crate.

use std::net::SocketAddr;

/// Whether the process behind `peer` runs as us or as root. Where the system's table of sockets cannot be read, or does not
/// know this connection at all, nothing is known against it: true.
#[cfg(not(target_os = "linux"))]
pub(super) fn peer_is_ours(_peer: SocketAddr, _local: SocketAddr) -> bool {
    true
}

/// Whether the process behind `peer` runs as us or as root. Where the system's table of sockets cannot be read, or does not
/// know this connection at all, nothing is known against it: true.
#[cfg(target_os = "linux")]
pub(super) fn peer_is_ours(peer: SocketAddr, local: SocketAddr) -> bool {
    use std::os::unix::fs::MetadataExt;

    let table = if peer.is_ipv4() { "/proc/self/net/tcp" } else { "/proc/self/net/tcp6" };
    let (Ok(rows), Ok(us)) = (std::fs::read_to_string(table), std::fs::metadata("/proc/self")) else {
        return true;
    };
    linux::judge(&rows, peer, local, us.uid())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::net::{IpAddr, SocketAddr};

    pub(super) fn judge(rows: &str, peer: SocketAddr, local: SocketAddr, our_uid: u32) -> bool {
        match find_owner(rows, peer, local) {
            Some(owner) => owner.is_some_and(|uid| uid == 0 || uid == our_uid),
            // Our own end is listed and the other is not: its process is gone, and with it the proof.
            None => find_owner(rows, local, peer).is_none(),
        }
    }

    /// The uid of the socket bound to `address` and connected to `other`: `Some(None)` for one no process holds any more,
    /// which the kernel may list under root.
    fn find_owner(rows: &str, address: SocketAddr, other: SocketAddr) -> Option<Option<u32>> {
        let (address, other) = (kernel_text(address), kernel_text(other));
        rows.lines().find_map(|row| {
            let mut fields = row.split_ascii_whitespace().skip(1);
            if fields.next()? != address || fields.next()? != other {
                return None;
            }
            // Then: state, queues, timer, retransmits, uid, timeout, inode.
            let uid = fields.nth(4)?.parse().ok();
            let inode = fields.nth(1)?;
            Some(if inode == "0" { None } else { uid })
        })
    }

    /// `0100007F:21F1`: each 32-bit group of the address as this machine's number, the port as a number.
    fn kernel_text(address: SocketAddr) -> String {
        let groups: Vec<u8> = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let mut text = String::new();
        for group in groups.chunks_exact(4) {
            let number = u32::from_ne_bytes([group[0], group[1], group[2], group[3]]);
            text.push_str(&format!("{number:08X}"));
        }
        format!("{text}:{:04X}", address.port())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn row(address: &str, other: &str, uid: u32, inode: u32) -> String {
            let (address, other) =
                (kernel_text(address.parse().unwrap()), kernel_text(other.parse().unwrap()));
            format!(
                "   7: {address} {other} 01 00000000:00000000 00:00000000 00000000  {uid}        0 {inode} 1 00\n"
            )
        }

        #[test]
        fn only_a_socket_of_ours_or_of_root_counts_as_ours() {
            let (peer, local) = ("127.0.0.1:40000", "127.0.0.1:8689");
            let judged = |rows: &str| judge(rows, peer.parse().unwrap(), local.parse().unwrap(), 1000);
            assert!(judged(&row(peer, local, 1000, 5)));
            assert!(judged(&row(peer, local, 0, 5)));
            assert!(!judged(&row(peer, local, 1001, 5)), "another user of this machine");
            assert!(!judged(&row(peer, local, 0, 0)), "an orphaned socket is listed under root");
            assert!(!judged(&row(local, peer, 1000, 5)), "only our own end is left");
            assert!(judged(""), "a table that knows nothing says nothing");
        }

        #[test]
        fn addresses_are_written_as_the_kernel_writes_them() {
            if cfg!(target_endian = "little") {
                assert_eq!(kernel_text("127.0.0.1:8689".parse().unwrap()), "0100007F:21F1");
                assert_eq!(kernel_text("[::1]:80".parse().unwrap()), "00000000000000000000000001000000:0050");
            }
        }
    }
}
