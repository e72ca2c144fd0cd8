# What the maps of this folder share; they include it, it is no program itself.

# A text that says something: not "", and not the "-" of logs.
def text:
  if type == "number" then tostring
  elif type == "string" and . != "" and . != "-" then .
  else null end;

# The first text among what f yields.
def pick(f): [f | text | values][0];

def whole: if . == null then null else tonumber? // null end;

def compact: with_entries(select(.value != null));

# Length as mm-event(5) counts it, in UTF-16 code units.
def units: explode | map(if . > 65535 then 2 else 1 end) | add // 0;

def cut(n): if . == null or units <= n then . else .[0:n / 2] end;

# A URL or path that is too long, without its query if that helps.
def cut_url(n):
  if . == null or units <= n then . else (split("?")[0] | if units <= n then . else null end) end;

# A name of a site: not the "_" of a server without a name, and no address in any
# spelling that URLs have ("127.1", "0x7f.1"), which may be the client's.
def is_host:
  test("^[A-Za-z0-9][A-Za-z0-9._~-]*(:[0-9]+)?$")
  and (test("(^|[.])([0-9]+|0[xX][0-9A-Fa-f]*)[.]?(:[0-9]+)?$") | not);

def three: "00\(.)"[-3:];

# Seconds, milliseconds or microseconds since 1970, as an RFC 3339 date-time.
def from_unix:
  if . == null or . <= 0 or . >= 1e16 then null
  else
    (if . >= 1e14 then . / 1000 elif . >= 1e11 then . else . * 1000 end | floor) as $ms
    | "\($ms / 1000 | floor | todate | .[0:19]).\($ms % 1000 | three)Z"
  end;

def month:
  {"Jan": "01", "Feb": "02", "Mar": "03", "Apr": "04", "May": "05", "Jun": "06",
   "Jul": "07", "Aug": "08", "Sep": "09", "Oct": "10", "Nov": "11", "Dec": "12"}[.];

def zone:
  if . == null then "Z"
  elif . == "Z" or . == "z" then "Z"
  elif . == "UTC" then "Z"
  elif test(":") then .
  else "\(.[0:3]):\(.[3:] | if . == "" then "00" else . end)" end;

def from_iso:
  capture("^(?<d>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?<t>[0-9]{2}:[0-9]{2}:[0-9]{2})(?<f>[.,][0-9]+)?"
    + " ?(?<z>[Zz]|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?$")
  | "\(.d)T\(.t)\(.f // "" | .[0:10] | sub(","; "."))\(.z | zone)";

# 16/May/2026:19:00:00 +0000, as web servers write it by default
def from_log:
  capture("^\\[?(?<d>[0-9]{2})/(?<m>[A-Z][a-z]{2})/(?<y>[0-9]{4}):(?<t>[0-9:]{8}) (?<z>[+-][0-9]{4})\\]?$")
  | "\(.y)-\(.m | month)-\(.d)T\(.t)\(.z | zone)";

# A time in any of these forms, as an RFC 3339 date-time, UTC where it has no
# zone.  What is none stays as it is, for mm-validate to reject.
def time:
  text
  | if . == null then null
    elif test("^[0-9]+([.][0-9]+)?$") then (tonumber | from_unix) // .
    else [from_iso?, from_log?, .][0] end;
