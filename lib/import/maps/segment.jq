# Events from Segment: the calls track, page, screen and identify, as they stand
# in a raw export (S3, Google Cloud Storage) or arrive at a webhook.
#
#     gunzip -c *.gz | jq -c -f segment.jq | mm-validate | mm-enrich ...
#
# Calls of other kinds (group, alias) yield nothing.  page becomes $pageview,
# screen $screen, identify $identify with the traits as its properties.
include "common" {search: "./"};

def object: if type == "object" then . else null end;

select(type == "object")
| (.properties | object // {}) as $p
| (.context | object // {}) as $c
| ($c.page | object // {}) as $page
| (.type | if type == "string" then . else "track" end) as $type
| (if $type == "track" then pick(.event, .name)
   elif $type == "page" then "$pageview"
   elif $type == "screen" then "$screen"
   elif $type == "identify" then "$identify"
   else null end) as $event
| select($event != null)
# Segment's timestamp is by a corrected clock already; without it, sent_at lets
# mm-enrich --fix-skew correct the client's.
| (.timestamp | time) as $timestamp
| {
    event: $event,
    event_id: pick(.messageId, .message_id),
    timestamp: ($timestamp // (.originalTimestamp | time)),
    anonymous_id: pick(.anonymousId, .anonymous_id),
    user_id: pick(.userId, .user_id),
    url: (if $type == "page" then pick($p.url, $page.url) else pick($page.url) end),
    path: (if $type == "page" then pick($p.path, $page.path) else pick($page.path) end),
    referrer: (if $type == "page" then pick($p.referrer, $page.referrer) else pick($page.referrer) end),
    properties: (
      if $type == "identify" then (.traits | object // ($c.traits | object))
      elif $type == "page" then
        $p + (if .name | text then {name} else {} end) | del(.url, .path, .referrer, .search)
      elif $type == "screen" then $p + (if .name | text then {name} else {} end)
      else $p end
      | if . == {} then null else . end),
    ip: pick($c.ip),
    user_agent: pick($c.userAgent, $c.user_agent),
    ua_hints: ($c.userAgentData | object),
    received_at: ((.receivedAt | time) // (.received_at | time)),
    sent_at: (if $timestamp == null then .sentAt | time else null end)
  }
| compact
