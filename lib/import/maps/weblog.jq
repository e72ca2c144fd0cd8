# Page views from a web server's access log, for nginx.jq and apache.jq, which
# include it; it is no program itself.
include "common" {search: "./"};

# What is fetched beside a page.
def is_asset:
  test("[.](css|m?js|map|json|xml|txt|ico|png|jpe?g|gif|svg|webp|avif|woff2?|ttf|otf|eot|mp[34]"
    + "|webm|pdf|zip|gz|webmanifest)$"; "i");

# The parts of "GET /page HTTP/1.1", or {}.
def request_line:
  (pick(.request, .request_line) // "") as $r
  | ($r | [capture("^(?<method>[A-Z]+) (?<uri>[^ ]+)( HTTP/[0-9.]+)?$")?][0]) // {};

# The path and query that were asked for; a proxy's request may be a whole URL.
def uri($line):
  (pick(.request_uri, .uri, .path, .url, $line.uri)
    | if . == null then null else sub("^https?://[^/?#]*"; "") end) as $uri
  | (pick(.query, .args, .query_string)
    | if . == null then "" elif startswith("?") then . else "?" + . end) as $query
  | if $uri == null or ($uri | startswith("/") | not) then null
    elif $uri | contains("?") then $uri
    else $uri + $query end;

def host:
  [(.host, .http_host, .server_name, .vhost, .virtual_host) | text | values | select(is_host)][0];

def scheme:
  pick(.scheme, .request_scheme) // "https"
  | if ascii_downcase == "http" then "http" else "https" end;

# Client address: no port, and of X-Forwarded-For the first.
def client:
  pick(.remote_addr, .client_ip, .remote_ip, .remoteIP, .clientip, .client, .ip)
  | if . == null then null
    else
      split(",")[0] | gsub("[ \\[\\]]"; "")
      | if test("^[0-9.]+:[0-9]+$") then split(":")[0] else . end
      | if test("^[0-9]{1,3}([.][0-9]{1,3}){3}$|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$") then . else null end
    end;

# One event for a page that was delivered, nothing for everything else: other
# methods than GET, errors, redirects, and what is no page.
def pageview:
  select(type == "object")
  | request_line as $line
  | uri($line) as $uri
  | select((pick(.request_method, .method, .requestMethod, $line.method) // "GET") == "GET")
  | (pick(.status, .status_code, .response_code) | whole) as $status
  | select($status == null or ($status >= 200 and $status < 300) or $status == 304)
  | select($uri != null)
  | ($uri | split("?")[0] | split("#")[0]) as $path
  | select($path | is_asset | not)
  | host as $host
  | pick(.time_iso8601, .time, .timestamp, .["@timestamp"], .msec, .time_local) as $time
  | {
      event: "$pageview",
      event_id: pick(.request_id, .req_id, .unique_id),
      timestamp: ($time | time),
      anonymous_id: pick(.anonymous_id, .visitor_id),
      url: (if $host == null then null else "\(scheme)://\($host)\($uri)" | cut_url(2048) end),
      path: ($path | cut_url(2048)),
      referrer: (pick(.http_referer, .referer, .http_referrer, .referrer) | cut_url(2048)),
      ip: client,
      user_agent: pick(.http_user_agent, .user_agent, .agent, .userAgent),
      host: (if $host == null then null else $host | sub(":[0-9]+$"; "") end),
      received_at: ($time | time)
    }
  | compact;
