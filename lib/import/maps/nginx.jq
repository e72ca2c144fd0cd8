# Page views from nginx's access log in JSON.
#
#     jq -c -f nginx.jq access.json | mm-validate | mm-enrich ...
#
# Add to nginx.conf, in the block http (other names of the same things, as they
# are often configured, are understood as well):
#
#     log_format millimetric escape=json
#         '{"time":"$time_iso8601","remote_addr":"$remote_addr",'
#         '"method":"$request_method","scheme":"$scheme","host":"$host",'
#         '"uri":"$request_uri","status":$status,"referer":"$http_referer",'
#         '"user_agent":"$http_user_agent","request_id":"$request_id"}';
#     access_log /var/log/nginx/access.json millimetric;
#
# Of the log only pages become events: GET, status 2xx or 304, no style sheets,
# scripts, images and the like.
include "weblog" {search: "./"};

pageview
