//! From which network a request comes: what limits for callers who are not signed in are counted by.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use ipnet::IpNet;

/// The proxies whose word about their clients is believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Proxies by address or CIDR block.
    ///
    /// # Errors
    /// Names what is neither.
    pub fn new(named: &[String]) -> Result<Self, String> {
        let read = |text: &String| {
            let text = text.trim();
            let block = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
            block.ok_or_else(|| {
                format!("\"{text}\" is neither an address such as 10.0.0.7 nor a block such as 10.0.0.0/8")
            })
        };
        Ok(Self(named.iter().map(read).collect::<Result<_, _>>()?))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|block| block.contains(&address))
    }
}

/// A network that limits are counted by: an address of IPv4, or the /64 of IPv6 that one subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerNetwork(IpAddr);

impl PeerNetwork {
    /// The network of an address.
    pub fn of_address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self(IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64))),
            address => Self(address),
        }
    }

    /// The network a request comes from. What it says about itself counts only as far as trusted proxies wrote it.
    pub fn of(request: &HttpRequest) -> Self {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
        let Some(proxies) = request.app_data::<TrustedProxies>().filter(|proxies| proxies.trusts(peer)) else {
            return Self::of_address(peer);
        };
        let headers = request.headers().get_all("x-forwarded-for");
        let lines: Vec<&str> = headers.map(|value| value.to_str().unwrap_or("unreadable")).collect();
        let mut client = peer;
        for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
            // Beyond what cannot be read anybody may have written anything.
            let Some(address) = read_hop(hop) else { break };
            client = address;
            if !proxies.trusts(address) {
                break;
            }
        }
        Self::of_address(client)
    }
}

/// An entry of `X-Forwarded-For`: an address, with a port if the proxy is one that adds it.
fn read_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().or_else(|_| text.parse::<std::net::SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

impl FromRequest for PeerNetwork {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn aut_07_only_trusted_proxies_say_who_their_client_is() {
        let trusted = ["10.0.0.0/8".to_owned(), "192.0.2.7".to_owned(), "2001:db8:1::/48".to_owned()];
        for (peer, forwarded, network) in [
            ("203.0.113.9:5000", &[][..], "203.0.113.9"),
            ("203.0.113.9:5000", &["198.51.100.1"][..], "203.0.113.9"),
            ("192.0.2.8:1", &["198.51.100.1"], "192.0.2.8"),
            ("10.1.2.3:1", &["198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3:1", &[], "10.1.2.3"),
            ("10.1.2.3:1", &["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3:1", &["1.1.1.1, 198.51.100.1, 10.9.9.9, 192.0.2.7"], "198.51.100.1"),
            ("10.1.2.3:1", &["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3:1", &["198.51.100.1, garbage"], "10.1.2.3"),
            ("10.1.2.3:1", &["198.51.100.1, garbage, 10.0.0.9"], "10.0.0.9"),
            ("10.1.2.3:1", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
            ("10.1.2.3:1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.2.3:1", &["[2001:db8:9:8:7:6:5:4]:4711"], "2001:db8:9:8::"),
            ("10.1.2.3:1", &["[2001:db8:9:8:7:6:5:4]"], "2001:db8:9:8::"),
            ("[::ffff:203.0.113.9]:1", &[], "203.0.113.9"),
            ("[::ffff:10.1.2.3]:1", &["198.51.100.1"], "198.51.100.1"),
            ("[2001:db8:1::5]:1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("[2001:db8:2:3:aaaa::1]:1", &[], "2001:db8:2:3::"),
        ] {
            let mut request =
                TestRequest::get().peer_addr(peer.parse().unwrap()).app_data(TrustedProxies::new(&trusted).unwrap());
            for line in forwarded {
                request = request.append_header(("x-forwarded-for", *line));
            }
            let expected: IpAddr = network.parse().unwrap();
            assert_eq!(PeerNetwork::of(&request.to_http_request()), PeerNetwork(expected), "{peer} {forwarded:?}");
        }
        assert!(TrustedProxies::new(&["10.0.0.0/40".to_owned()]).is_err());
        assert!(TrustedProxies::new(&["proxy.example".to_owned()]).is_err());
    }
}
