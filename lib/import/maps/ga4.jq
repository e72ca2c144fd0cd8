# Events from Google Analytics 4: rows of the tables events_YYYYMMDD of its
# export to BigQuery, as JSON objects, one a line.
#
#     bq extract --destination_format NEWLINE_DELIMITED_JSON \
#         DATASET.events_20260516 gs://BUCKET/events-*.json
#     jq -c -f ga4.jq events-*.json | mm-validate | mm-enrich ...
#
# page_view becomes $pageview; the other names stay.  The event's parameters
# become properties, and so do the country, device, browser and system that GA4
# found out: the export has neither address nor agent, so mm-enrich can't.
# Items of a shop (the column items) are left out.
include "common" {search: "./"};

def object: if type == "object" then . else {} end;

# Long integers stay strings, which keep all digits.
def number: if type == "string" and length <= 15 then tonumber? // . else . end;

def param_value:
  object
  | if .string_value != null then .string_value
    elif .int_value != null then .int_value | number
    elif .double_value != null then .double_value | number
    elif .float_value != null then .float_value | number
    else null end;

def params:
  if type == "array" then
    map(select(type == "object" and (.key | type) == "string") | {key, value: (.value | param_value)})
    | from_entries
  else {} end;

select(type == "object")
| (.event_params | params) as $p
| (.device | object) as $d
| (.geo | object) as $g
| pick(.event_name) as $name
| pick(.user_pseudo_id) as $visitor
| pick($p.ga_session_id) as $session
| pick($p.page_location) as $url
| select($name != null)
| {
    event: (if $name == "page_view" then "$pageview" else $name end),
    # only where the export tells the events of one moment apart
    event_id: (
      if $visitor == null or (.batch_event_index | text) == null then null
      else
        [$visitor, pick(.event_timestamp), $name, pick(.batch_page_id), pick(.batch_ordering_id),
         pick(.batch_event_index)]
        | map(. // "") | join("/") | if units <= 128 then . else null end
      end),
    timestamp: (.event_timestamp | time),
    anonymous_id: $visitor,
    user_id: pick(.user_id),
    session_id: (if $visitor == null or $session == null then null else "\($visitor)-\($session)" end),
    # apps send other things in its place
    url: (if $url != null and ($url | test("^https?://[^/ ]"; "i")) then $url | cut_url(2048) else null end),
    referrer: (pick($p.page_referrer) | cut_url(2048)),
    properties: (
      ($p | del(.page_location, .page_referrer, .ga_session_id))
      + ({
          country: pick($g.country),
          device_category: pick($d.category),
          browser: pick($d.web_info | object | .browser),
          operating_system: pick($d.operating_system),
          platform: pick(.platform)
        } | compact)
      | compact | if . == {} then null else . end)
  }
| compact
