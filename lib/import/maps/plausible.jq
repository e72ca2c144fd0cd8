# Events from Plausible: rows of its CSV export, as JSON objects, one a line.
#
#     mlr --icsv --ojsonl cat imported_pages_*.csv |
#         jq -c -f plausible.jq | mm-validate | mm-enrich --deterministic ...
#
# or, with Python in the place of Miller:
#
#     python3 -c 'import csv, json, sys
#     for row in csv.DictReader(sys.stdin): print(json.dumps(row))' < FILE
#
# Plausible exports counts by day, not events: they are unrolled, and every event
# stands at noon, UTC.  Rows of imported_pages become as many $pageview as they
# count, rows of imported_custom_events as many events of their name.  The other
# files count the same visits by something else, and yield nothing.
#
# Visitors are numbered by day, and the first visitors of one page are the first
# ones of another: the visitors of a page and day come out exact, those of a day
# as many as its busiest page or event had.
include "common" {search: "./"};

def count: [(text | whole) // 0, 1000000] | min | if . < 0 then 0 else floor end;

# A day, also as 20260516.
def day:
  text
  | if . == null then null
    elif test("^[0-9]{8}$") then "\(.[0:4])-\(.[4:6])-\(.[6:8])"
    elif test("^[0-9]{4}-[0-9]{2}-[0-9]{2}$") then .
    else null end;

select(type == "object")
| (.date | day) as $day
| select($day != null)
| pick(.page, .path) as $path
| pick(.hostname) as $host
| (if .events != null and (.name | text) then {event: pick(.name), n: (.events | count)}
   elif .pageviews != null and (.page | text) then {event: "$pageview", n: (.pageviews | count)}
   else empty end) as $what
| ([(.visitors | count), 1] | max) as $visitors
| pick(.link_url) as $link
| range($what.n) as $i
| {
    event: $what.event,
    timestamp: "\($day)T12:00:00Z",
    anonymous_id: "plausible-\($day)-\($i % $visitors + 1)",
    url: (
      if $host == null or ($host | is_host | not) then null
      elif $path == null or ($path | startswith("/") | not) then null
      else "https://\($host)\($path)" | cut_url(2048) end),
    path: ($path | cut_url(2048)),
    # the number makes lines differ, which mm-enrich --deterministic asks for
    properties: ({imported: "plausible", number: ($i + 1), link_url: $link} | compact)
  }
| compact
