//! Proxies that end TLS in front of the server.

use super::facts::Site;
use std::path::{Path, PathBuf};

/// Where certbot puts the files of a host.
fn certbot(host: &str, file: &str) -> PathBuf {
    Path::new("/etc/letsencrypt/live").join(host).join(file)
}

/// A site of nginx, to be included in its `http` block.
pub(super) fn nginx(site: &Site, certificate: Option<&Path>, key: Option<&Path>) -> String {
    let Site { host, port, upstream, body, seconds } = site;
    let certificate = certificate.map_or_else(|| certbot(host, "fullchain.pem"), Path::to_owned);
    let key = key.map_or_else(|| certbot(host, "privkey.pem"), Path::to_owned);
    let patience = seconds + 5;
    format!(
        r#"# /etc/nginx/conf.d/scaistack.conf
#
# nginx refuses a request with two Authorization headers, as the Python SDK of Scalekit sends them over gRPC (400, "client sent
# duplicate header line"). For these clients use Caddy or Traefik, or let scaistack end TLS itself.
upstream scaistack {{
  server {upstream};
  keepalive 32;
}}
server {{
  listen {port} ssl http2;
  listen [::]:{port} ssl http2;
  server_name {host};
  ssl_certificate     "{certificate}";
  ssl_certificate_key "{key}";
  ssl_protocols TLSv1.2 TLSv1.3;

  client_max_body_size {body};
  # An authorization request has its state in the address, and so has the answer in its Location.
  large_client_header_buffers 4 32k;
  proxy_buffer_size 32k;
  proxy_buffers 8 32k;
  proxy_read_timeout {patience}s;
  grpc_read_timeout {patience}s;

  location /scalekit.v1. {{
    # Not the upstream above: nginx would use one of its HTTP/1.1 connections.
    grpc_pass grpc://{upstream};
    grpc_set_header Host $host;
    grpc_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  }}
  location = /metrics {{ return 404; }}
  location / {{
    # Without a path here nginx passes the address on as it came, an encoded slash too.
    proxy_pass http://scaistack;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  }}
}}
"#,
        certificate = certificate.display(),
        key = key.display(),
    )
}

/// A site of Caddy, for HTTP and gRPC. Without files Caddy gets a certificate by itself.
pub(super) fn caddy(site: &Site, files: Option<(&Path, &Path)>) -> String {
    let Site { host, port, upstream, body, seconds } = site;
    let patience = seconds + 5;
    let tls = files.map_or_else(String::new, |(certificate, key)| {
        format!("\ttls \"{}\" \"{}\"\n", certificate.display(), key.display())
    });
    format!(
        "# A site for /etc/caddy/Caddyfile\n\
         https://{host}:{port} {{\n\
         {tls}\
         \trespond /metrics 404\n\
         \trequest_body {{\n\t\tmax_size {body}\n\t}}\n\
         \treverse_proxy h2c://{upstream} {{\n\
         \t\ttransport http {{\n\t\t\tversions h2c\n\t\t\tresponse_header_timeout {patience}s\n\t\t}}\n\
         \t}}\n\
         }}\n"
    )
}

/// A dynamic configuration of Traefik. Its entry point is called `websecure`.
pub(super) fn traefik(site: &Site) -> String {
    let Site { host, upstream, body, .. } = site;
    format!(
        "# A file of the file provider, such as /etc/traefik/dynamic/scaistack.yml\n\
         http:\n\
         \x20 routers:\n\
         \x20   scaistack:\n\
         \x20     rule: \"Host(`{host}`) && !Path(`/metrics`)\"\n\
         \x20     entryPoints: [websecure]\n\
         \x20     tls: {{}}\n\
         \x20     middlewares: [scaistack-body]\n\
         \x20     service: scaistack\n\
         \x20 middlewares:\n\
         \x20   scaistack-body:\n\
         \x20     buffering:\n\
         \x20       maxRequestBodyBytes: {body}\n\
         \x20 services:\n\
         \x20   scaistack:\n\
         \x20     loadBalancer:\n\
         \x20       servers:\n\
         \x20         - url: \"h2c://{upstream}\"\n"
    )
}
