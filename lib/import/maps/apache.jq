# Page views from the Apache HTTP Server's access log in JSON.
#
#     sed -e 's/\\x/\\u00/g' -e 's/\\v/\\u000b/g' access.json |
#         jq -c -f apache.jq | mm-validate | mm-enrich ...
#
# Add to the configuration, with the format on one line (other names of the same
# things, as they are often configured, are understood as well):
#
#     LogFormat "{\"time\":\"%{%Y-%m-%dT%H:%M:%S%z}t\",\"remote_addr\":\"%a\",
#         \"host\":\"%{Host}i\",\"request\":\"%r\",\"status\":%>s,
#         \"referer\":\"%{Referer}i\",\"user_agent\":\"%{User-Agent}i\",
#         \"request_id\":\"%{UNIQUE_ID}e\"}" millimetric
#     CustomLog /var/log/apache2/access.json millimetric
#
# Apache writes bytes that are not printable ASCII as \xhh, which JSON does not
# know: hence the sed.  In the address of the page they are percent-encoded here,
# elsewhere they are read as Latin-1.
#
# The log does not tell http from https; https is assumed unless a key "scheme"
# says otherwise.
#
# Of the log only pages become events: GET, status 2xx or 304, no style sheets,
# scripts, images and the like.
include "weblog" {search: "./"};

def hex: "0123456789ABCDEF"[.:. + 1];

def percent: "%\(. / 16 | floor | hex)\(. % 16 | hex)";

def encoded:
  if type == "string" then
    [explode[] | if . >= 128 and . <= 255 then percent else [.] | implode end] | join("")
  else . end;

if type == "object" then
  reduce ("request", "request_line", "request_uri", "uri", "path", "url", "query") as $key
    (.; if has($key) then .[$key] |= encoded else . end)
else . end
| pageview
