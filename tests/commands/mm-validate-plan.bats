#!/usr/bin/env bats
# mm-validate --plan, --check-plan: tracking plans, mm-plan(5).
#
# bats sets stderr_lines.
# shellcheck disable=SC2016,SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cat > plan.json <<-'END'
		{
		  "version": "2026-11-23",
		  "unknownEvents": "error",
		  "events": {
		    "signup": {
		      "unknownProperties": "warn",
		      "properties": {
		        "plan": { "type": "string", "required": true, "enum": ["free", "pro"] },
		        "seats": { "type": "integer", "minimum": 1, "maximum": 9007199254740993 },
		        "coupon": { "type": ["string", "null"], "pattern": "^[A-Z]+$", "severity": "warn" }
		      },
		      "assert": ["pro_has_seats=.properties.plan != \"pro\" or .properties.seats"]
		    },
		    "$*": {}
		  }
		}
	END
}

# signup MEMBERS...: a line for each.
signup() {
	printf '{"event":"signup","properties":{%s}}\n' "$@"
}

# fields: of the rejects, a line each: its fields and messages.
fields() {
	jq -c .details.fieldErrors rejects
}

# ---- what passes, what is rejected ----

@test "what passes is the line as it came" {
	{
		printf '{ "event" : "sign\\u0075p" , "properties" : {"plan":"free", "seats" : 9007199254740993}}\r\n\n'
		signup '"plan":"pro","seats":1e3,"coupon":null'
		printf '{"event":"$pageview"}'
	} > in
	run -0 --separate-stderr mm-validate --plan plan.json in
	[ -z "$stderr" ]
	mm-validate --plan plan.json in | cmp - <({ cat in; echo; } | tr -d '\r' | sed '/^$/d')
}

@test "every complaint of an event is listed, by field" {
	{
		signup '"plan":7,"seats":0.5' '"plan":"gold","seats":9007199254740994'
		printf '%s\n' '{"event":"signup"}' '{"event":"sign_up"}'
	} > in
	run -1 --separate-stderr mm-validate --rejects rejects --plan plan.json in
	[ -z "$output" ]
	[ "$(fields)" = '{"properties.plan":["Expected string, received number"],"properties.seats":["Expected integer, received number"]}
{"properties.plan":["Expected one of \"free\", \"pro\""],"properties.seats":["Too large: at most 9007199254740993"]}
{"properties.plan":["Required"]}
{"event":["Unknown event"]}' ]
	jq -r .input rejects | cmp - in
}

@test "rejects are explained, with the plan's version in the summary" {
	signup '"plan":"free","seats":0' > in
	run -1 --separate-stderr mm-validate --plan plan.json in
	[ "${stderr_lines[0]}" = 'mm-validate: in:1: properties.seats: Too small: at least 1' ]
	[ "${stderr_lines[1]}" = 'mm-validate: 1 of 1 lines rejected (plan 2026-11-23)' ]
}

@test "the checks of the event come first, and alone" {
	echo '{"event":"signup","url":"x","properties":{"plan":7}}' > in
	run -1 --separate-stderr mm-validate --rejects rejects --plan plan.json --assert never=false in
	[ "$(fields | jq -c keys)" = '["url"]' ]
}

@test "no value of an event is in a message" {
	signup '"plan":"s3cret","seats":31337,"coupon":"s3cret"' '"plan":"s3cret","seats":[31337.5]' > in
	run -1 --separate-stderr mm-validate --summary json --plan plan.json in
	[[ $stderr != *s3cret* && $stderr != *31337* ]]
	mm-validate -q --rejects rejects --plan plan.json in || true
	run -1 grep -E 's3cret|31337' <(jq -c .details rejects)
}

@test "jq's types and ours agree" {
	gen_events -n 2000 --invalid 0 > events
	for type in string number boolean object array null; do
		echo "{\"events\":{\"*\":{\"properties\":{
			\"title\":{\"type\":\"$type\"},\"lang\":{\"type\":\"$type\"},\"x\":{\"type\":\"$type\"},
			\"perf\":{\"type\":\"$type\"},\"screen\":{\"type\":\"$type\"},\"tags\":{\"type\":\"$type\"}}}}}" > types.json
		jq -c --arg type $type 'select([.properties // {} | .title?, .lang?, .x?, .perf?, .screen?, .tags?
			| select(. != null) | type] | all(. == $type)) | .event_id' events > want
		[ -s want ]
		mm-validate -q --plan types.json events | jq -c .event_id | cmp - want
	done
}

@test "jq's answers and ours agree on bounds, lists, lengths and patterns" {
	gen_events -n 3000 --invalid 0 > events
	echo '{"events":{"*":{"properties":{
		"scroll_depth":{"type":"integer","minimum":10,"maximum":60},
		"lang":{"enum":["de-DE","en-US","fr-FR","ja-JP"]},
		"title":{"minLength":5,"maxLength":30,"pattern":"^[A-ZÄ-Ü].*[a-z]{3}"},
		"tax_rate":{"minimum":0.1,"maximum":0.2}}}}}' > plan.json
	jq -c 'def utf16: explode | map(if . > 65535 then 2 else 1 end) | add // 0;
		. as $e | .properties // {} | select(
		(.scroll_depth == null or (.scroll_depth >= 10 and .scroll_depth <= 60)) and
		(.lang | IN(null, "de-DE", "en-US", "fr-FR", "ja-JP")) and
		(.tax_rate == null or (.tax_rate >= 0.1 and .tax_rate <= 0.2)) and
		(.title == null or (.title | (utf16 >= 5 and utf16 <= 30 and test("^[A-ZÄ-Ü].*[a-z]{3}")))))
		| $e.event_id' events > want
	[ -s want ]
	mm-validate -q --plan plan.json events | jq -c .event_id | cmp - want
}

# ---- objects, arrays, formats ----

# lists: a plan of orders.
lists() {
	cat > lists.json <<-'END'
		{
		  "events": {
		    "order": {
		      "properties": {
		        "kind": { "const": 9007199254740993 },
		        "cart": {
		          "type": "object",
		          "properties": {
		            "items": {
		              "type": "array",
		              "items": {
		                "type": "object",
		                "unknownProperties": "warn",
		                "properties": { "sku": { "type": "string", "required": true } }
		              }
		            }
		          }
		        },
		        "cart.items": { "type": "null" },
		        "mail": { "format": "email" }
		      }
		    }
		  }
		}
	END
}

@test "what is inside of objects and arrays is judged, and named by its path" {
	lists
	printf '{"event":"order","properties":{%s}}\n' \
		'"kind":9007199254740993.0,"cart":{"items":[{"sku":"a"},{"sku":"b"}]},"mail":"a@example.com"' \
		'"cart":{"items":[{"sku":"a"},{},{"sku":7,"x":1},[]]}' \
		'"kind":9007199254740992,"cart":[],"mail":"a@"' > in
	run -1 --separate-stderr mm-validate --rejects rejects --plan lists.json in
	[ "$output" = "$(head -n 1 in)" ]
	[ "$(fields)" = '{"properties.cart.items.1.sku":["Required"],"properties.cart.items.2.sku":["Expected string, received number"],"properties.cart.items.3":["Expected object, received array"]}
{"properties.kind":["Expected 9007199254740993"],"properties.cart":["Expected object, received array"],"properties.mail":["Invalid email: expected a mailbox, as name@example.com"]}' ]
	[ "${stderr_lines[0]}" = 'mm-validate: in:2: warning: properties.cart.items.2.x: Unknown property' ]
}

@test "no complaint is lost where a name is spelt as a path" {
	lists
	echo '{"event":"order","properties":{"cart":{"items":7},"mail":"","cart.items":8}}' > in
	run -1 --separate-stderr mm-validate --rejects rejects --plan lists.json in
	[ "$(fields)" = '{"properties.cart.items":["Expected array, received number","Expected null, received number"],"properties.mail":["Invalid email: expected a mailbox, as name@example.com"]}' ]
	[ "$(grep -o '"properties.cart.items":' rejects | wc -l)" = 1 ]
}

@test "ajv complains of the same fields" {
	sdk=$("$repo/tests/oracles/mcp-sdk.sh")
	run --separate-stderr node "$repo/tests/oracles/plan-oracle.mjs" "$sdk/../.." mm-validate
	echo "$output$stderr"
	[ "$status" = 0 ]
	[[ $output == *' 0 judged otherwise' ]]
}

@test "advice on names looks into objects and arrays" {
	lists
	sed -i 's/"sku"/"skuCents"/' lists.json
	run -0 --separate-stderr mm-validate --check-plan lists.json --lint-names
	[[ $stderr == *'event order: skuCents: '* ]]
}

# ---- warnings ----

@test "a warning does not reject: it is told, and counted" {
	signup '"plan":"free","coupon":"x y","color":1' '"plan":"free","color":1' '"plan":"free"' > in
	run -0 --separate-stderr mm-validate --plan plan.json in
	[ "$output" = "$(cat in)" ]
	[ "${stderr_lines[0]}" = 'mm-validate: in:1: warning: properties.coupon: Does not match ^[A-Z]+$; properties.color: Unknown property' ]
	[ "${stderr_lines[1]}" = 'mm-validate: in:2: warning: properties.color: Unknown property' ]
	[ "${stderr_lines[2]}" = 'mm-validate: 0 of 3 lines rejected, 2 with warnings (plan 2026-11-23)' ]
	[ "${#stderr_lines[@]}" = 3 ]
}

@test "a line can be rejected and have warnings" {
	signup '"coupon":"x"' > in
	run -1 --separate-stderr mm-validate --plan plan.json in
	[ "${stderr_lines[0]}" = 'mm-validate: in:1: properties.plan: Required' ]
	[ "${stderr_lines[1]}" = 'mm-validate: in:1: warning: properties.coupon: Does not match ^[A-Z]+$' ]
}

@test "the first ten warnings are told, also with a rejects file; none when quiet" {
	for i in {1..12}; do
		signup '"plan":"free","color":1'
	done > in
	run -0 --separate-stderr mm-validate --rejects rejects --plan plan.json in
	[ "${#stderr_lines[@]}" = 11 ]
	[ ! -s rejects ]
	run -0 --separate-stderr mm-validate -q --plan plan.json in
	[ -z "$stderr" ]
}

@test "the summary as JSON has the version, and warnings by field and message" {
	signup '"plan":"free","color":1' '"color":1' '"plan":"free"' > in
	run -1 --separate-stderr mm-validate -q --summary json --plan plan.json in
	[ "$(jq -c '[.valid,.errors,.plan,.warned,.warnings]' <<< "$stderr")" = \
		'[2,{"properties.plan":{"Required":1}},"2026-11-23",2,{"properties.color":{"Unknown property":2}}]' ]
	echo '{"events":{}}' > empty.json
	run -0 --separate-stderr mm-validate -q --summary json --plan empty.json in
	[ "$(jq -c '[.plan,.warned,.warnings]' <<< "$stderr")" = '[null,0,{}]' ]
}

# ---- assertions ----

@test "the plan's assertions are asked of their events, and may only warn" {
	jq '.events["$*"].assert = ["has_url=.url"] | .events["$*"].severity = "warn"' plan.json > two.json
	{
		signup '"plan":"pro"' '"plan":"pro","seats":2'
		echo '{"event":"$pageview"}'
	} > in
	run -1 --separate-stderr mm-validate --plan two.json in
	[ "${#lines[@]}" = 2 ]
	[ "${stderr_lines[0]}" = 'mm-validate: in:1: assert: Not true: pro_has_seats' ]
	[ "${stderr_lines[1]}" = 'mm-validate: in:3: warning: assert: Not true: has_url' ]
}

@test "the plan comes before --assert, and both are listed" {
	signup '"plan":"pro","seats":"2"' > in
	run -1 --separate-stderr mm-validate --rejects rejects --assert late=.user_id --plan plan.json in
	[ "$(fields)" = '{"properties.seats":["Expected integer, received string"],"assert":["Not true: late"]}' ]
	rm rejects
	signup '"plan":"pro"' > in
	run -1 --separate-stderr mm-validate --rejects rejects --assert late=.user_id --plan plan.json in
	[ "$(fields)" = '{"assert":["Not true: pro_has_seats","Not true: late"]}' ]
}

@test "--assert-if is for --assert alone; --select is asked of events without complaint" {
	signup '"plan":"pro"' '"plan":"free"' > in
	run -1 --separate-stderr mm-validate --assert-if false --assert never=false --select false --plan plan.json in
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'mm-validate: in:1: assert: Not true: pro_has_seats' ]
	[ "${stderr_lines[1]}" = 'mm-validate: 1 of 2 lines rejected, 1 dropped by --select (plan 2026-11-23)' ]
}

@test "assertions beyond their bounds fail for their line only, as severe as the event is" {
	export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0
	jq '.events.signup.assert = ["if .properties.plan == \"pro\" then
		reduce range(40) as $i (\"xxxxxxxxxxxxxxxx\"; . + .) | length > 0 else . end", "ends=false"]' \
		plan.json > big.json
	signup '"plan":"free"' '"plan":"pro","seats":1' > in
	run -1 --separate-stderr mm-validate -q --assert-mem 64M --rejects rejects --plan big.json in
	[ "$(jq -c '[.line, (.details.fieldErrors.assert | map(.[0:13]))]' rejects)" = \
		$'[1,["Not true: end"]]\n[2,["Out of memory","Not true: end"]]' ]
	jq '.events.signup += {assert: ["e=last(range(infinite))"], severity: "warn"}' plan.json > endless.json
	run -0 --separate-stderr mm-validate --assert-time 100ms --plan endless.json in
	[ "$output" = "$(cat in)" ]
	[ "${stderr_lines[0]}" = 'mm-validate: in:1: warning: assert: Out of time: e' ]
}

# ---- the plan itself ----

@test "a plan without errors passes the check in silence" {
	run -0 --separate-stderr mm-validate --check-plan plan.json
	[ -z "$output$stderr" ]
}

@test "all errors of a plan are told, with line and path" {
	cat > bad.json <<-'END'
		{
		  "events": {
		    "signup": {
		      "properties": { "plan": { "type": "strng" }, "seats": { "minimum": "1" } },
		      "assert": [".a | and"]
		    },
		    "Order Completed": { "property": {} }
		  }
		}
	END
	run -1 --separate-stderr mm-validate --check-plan bad.json
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == 'mm-validate: bad.json:4: events.signup.properties.plan.type: expected "string", '* ]]
	[ "${stderr_lines[1]}" = 'mm-validate: bad.json:4: events.signup.properties.seats.minimum: expected a number, not a string' ]
	[[ ${stderr_lines[2]} == 'mm-validate: bad.json:5: events.signup.assert[0]: syntax error, unexpected and'* ]]
	[ "${stderr_lines[3]}" = '    .a | and' ]
	[ "${stderr_lines[4]}" = '         ^' ]
	[ "${stderr_lines[5]}" = 'mm-validate: bad.json:7: events["Order Completed"].property: unknown key; known are description, severity, unknownProperties, properties, assert' ]
	[ "${stderr_lines[6]}" = 'mm-validate: bad.json: 4 errors; mm-plan(5) describes the format' ]
	told=$stderr
	run -2 --separate-stderr mm-validate --rejects rejects --plan bad.json plan.json
	[ "$stderr" = "$told" ]
	[ ! -e rejects ]
}

@test "of many assertions, the wrong ones are told, and without them all are asked" {
	jq -nc '{events: {a: {assert: [range(100) | "n\(.)=.properties.x != \(.)"]}}}' > many.json
	printf '{"event":"a","properties":{"x":%d}}\n' 99 100 0 > in
	run -1 --separate-stderr mm-validate --plan many.json in
	[ "$output" = '{"event":"a","properties":{"x":100}}' ]
	[ "${stderr_lines[0]}" = 'mm-validate: in:1: assert: Not true: n99' ]
	[ "${stderr_lines[1]}" = 'mm-validate: in:3: assert: Not true: n0' ]
	jq -c '.events.a.assert[7] = ".a), (.b" | .events.a.assert[70] = "foo"' many.json > wrong.json
	run -1 --separate-stderr mm-validate --check-plan wrong.json
	[[ ${stderr_lines[0]} == 'mm-validate: wrong.json:1: events.a.assert[7]: syntax error'* ]]
	[ "${stderr_lines[3]}" = 'mm-validate: wrong.json:1: events.a.assert[70]: foo/0 is not defined' ]
	[ "${stderr_lines[6]}" = 'mm-validate: wrong.json: 2 errors; mm-plan(5) describes the format' ]
}

@test "what is no JSON is told with its line" {
	printf '{"events":\n{"a":{}\n' > cut.json
	run -1 --separate-stderr mm-validate --check-plan cut.json
	[ "${stderr_lines[0]}" = 'mm-validate: cut.json:3: invalid JSON: the text ends too early (character 1)' ]
	head -c 1000 /dev/urandom > noise
	run -1 --separate-stderr mm-validate --check-plan noise
	[[ ${stderr_lines[0]} == 'mm-validate: noise:1: invalid JSON: '* ]]
}

@test "a plan that cannot be read is status 2" {
	run -2 --separate-stderr mm-validate --check-plan missing
	[ "$stderr" = 'mm-validate: missing: No such file or directory' ]
	run -2 --separate-stderr mm-validate --plan . plan.json
	[ "$stderr" = 'mm-validate: .: Is a directory' ]
}

@test "--check-plan reads no events" {
	run -2 --separate-stderr mm-validate --check-plan plan.json in
	[ "$stderr" = 'mm-validate: --check-plan reads no events; leave out in' ]
	run -2 --separate-stderr mm-validate --check-plan plan.json --plan plan.json
	[ "$stderr" = 'mm-validate: --check-plan reads no events; leave out --plan' ]
}

@test "control characters of a plan do not reach the terminal" {
	jq '.version = "\u001b[31m" | .events.signup.properties = {"\u001b[31m":{"required":true}}' plan.json > red.json
	signup '' > in
	run -1 --separate-stderr mm-validate --plan red.json in
	[[ $stderr != *$'\e'* ]]
	printf '{"events":{"\\u001b[31m":7,"\x7f":7}}' > red.json
	run -1 --separate-stderr mm-validate --check-plan red.json
	[[ $stderr != *$'\x7f'* ]]
}

# ---- plans of others ----

# imported FILE MEMBERS...: how many of the properties pass the plan made of FILE.
imported() {
	mm-validate --import-plan "$1" > imported.json || true
	mm-validate --check-plan imported.json
	printf '{"event":"order_paid","properties":{%s}}\n' "${@:2}" | mm-validate -q --plan imported.json | wc -l
}

@test "a JSON Schema of an event becomes a plan; what a plan can't say is told by its path" {
	cat > schema.json <<-'END'
		{
		  "$schema": "https://json-schema.org/draft/2020-12/schema",
		  "$defs": { "money": { "type": "integer", "minimum": 0, "multipleOf": 5 } },
		  "type": "object",
		  "required": ["event", "properties", "user_id"],
		  "properties": {
		    "event": { "const": "order_paid" },
		    "properties": {
		      "type": "object",
		      "required": ["total", "coupon"],
		      "additionalProperties": false,
		      "properties": {
		        "total": { "$ref": "#/$defs/money" },
		        "sku": { "type": "string", "pattern": "^(?=A)" },
		        "items": { "type": "array", "minItems": 1,
		          "items": { "type": "object", "required": ["n"], "properties": { "n": { "const": 1 } } } },
		        "either": { "oneOf": [{ "type": "string" }, { "type": "null" }] }
		      }
		    }
		  }
		}
	END
	run -1 --separate-stderr mm-validate --import-plan schema.json
	[ "$(jq -c '.events | keys' <<< "$output")" = '["order_paid"]' ]
	[ "$stderr" = 'mm-validate: schema.json:3: properties.properties.properties.total.multipleOf: not carried over: a plan has no such check
mm-validate: schema.json:5: required[2]: not carried over: a plan is about properties only
mm-validate: schema.json:14: properties.properties.properties.sku.pattern: not carried over: of groups that begin with (? only (?: is known (character 2)
mm-validate: schema.json:15: properties.properties.properties.items.minItems: not carried over: a plan has no such check
mm-validate: schema.json:17: properties.properties.properties.either.oneOf: not carried over: a plan has no such check
mm-validate: schema.json: 5 rules are not in the plan' ]
	[ "$(imported schema.json '"total":5,"coupon":null,"items":[{"n":1},{"n":1.0}]')" = 1 ]
	[ "$(imported schema.json '"total":-5,"coupon":1' '"total":5' '"total":5,"coupon":1,"x":1' \
		'"total":5,"coupon":1,"items":[{}]' '"total":5,"coupon":1,"items":[{"n":2}]')" = 0 ]
}

@test "schemas by the names of events become a plan without a loss" {
	echo '{"order_paid":{"type":"object","required":["id"],"properties":{"id":{"type":"string","format":"uuid",
		"title":"of the order"},"n":{"enum":[1,2]}}},"signup":{"properties":{}}}' > named.json
	run -0 --separate-stderr mm-validate --import-plan named.json
	[ -z "$stderr" ]
	[ "$(jq -c '.events | keys' <<< "$output")" = '["order_paid","signup"]' ]
	[ "$(imported named.json '"id":"018f6a2e-7c1b-7e4f-9a3d-2b6f0c1d4e5f","n":2,"x":1' '"id":"a"' '"n":1')" = 1 ]
}

@test "a tracking plan of Segment becomes a plan" {
	cat > segment.json <<-'END'
		{
		  "name": "rs_1",
		  "display_name": "Shop",
		  "rules": {
		    "global": { "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
		      "properties": { "context": {}, "traits": {}, "properties": {} } },
		    "identify_traits": [],
		    "identify": { "properties": { "traits": { "required": ["email"] } } },
		    "events": [
		      { "name": "order_paid", "description": "Money came in.", "version": 1,
		        "rules": {
		          "$schema": "http://json-schema.org/draft-07/schema#",
		          "type": "object",
		          "labels": {},
		          "properties": {
		            "context": {}, "traits": {},
		            "properties": { "type": "object", "required": ["total"], "properties": {
		              "total": { "id": "/total", "description": "", "type": ["number", "null"] } } }
		          },
		          "required": ["properties"]
		        } },
		      { "name": "Order *", "rules": {} },
		      { "name": "Page Viewed" },
		      { "name": "order_paid" }
		    ]
		  }
		}
	END
	run -1 --separate-stderr mm-validate --import-plan segment.json
	[ "$(jq -c '.events | keys' <<< "$output")" = '["Page Viewed","order_paid"]' ]
	[ "$stderr" = 'mm-validate: segment.json:8: rules.identify: not carried over: a plan is about track calls only
mm-validate: segment.json:22: rules.events[1]: not carried over: a name with a * is a glob in a plan
mm-validate: segment.json:24: rules.events[3]: not carried over: this event stands twice
mm-validate: segment.json: 3 rules are not in the plan' ]
	[ "$(imported segment.json '"total":1.5' '"total":null,"x":1' '"total":"1"' '')" = 2 ]
}

@test "references that lead nowhere, or round in circles, end" {
	jq -n '{"$defs":{a:{"$ref":"#/$defs/b"},b:{"$ref":"#/$defs/a"},tree:{type:"object",properties:{
		left:{"$ref":"#/$defs/tree"},value:{type:"integer"}}}},type:"object",
		properties:{a:{"$ref":"#/$defs/a"},c:{"$ref":"other.json#/c"},t:{"$ref":"#/$defs/tree"}}}' > round.json
	run -1 --separate-stderr mm-validate --import-plan round.json
	[[ $stderr == *': properties.a.$ref: not carried over: it refers to no schema in this file'* ]]
	[[ $stderr == *': properties.c.$ref: not carried over: it refers to no schema in this file'* ]]
	[[ $stderr == *'.left: not carried over: more than 16 deep'* ]]
	[ "$(imported round.json '"t":{"left":{"left":{"value":"a"}}}' '"t":{"left":{"left":{"value":1}}}')" = 1 ]
}

@test "what is no plan of others is refused, with status 2" {
	for text in '[]' '7' '{}' '{"a":1}' '{"a":{},"b":[]}' '{"a":'; do
		echo "$text" > other.json
		run -2 --separate-stderr mm-validate --import-plan other.json
		[ -z "$output" ]
		[[ $stderr == 'mm-validate: other.json:'* ]]
	done
	run -2 --separate-stderr mm-validate --import-plan missing
	[ "$stderr" = 'mm-validate: missing: No such file or directory' ]
	echo '{"a":{}}' > one.json
	run -2 --separate-stderr mm-validate --import-plan one.json in
	[ "$stderr" = 'mm-validate: --import-plan reads no events and no plan; leave out in' ]
	run -2 --separate-stderr mm-validate --import-plan one.json --check-plan plan.json
	[ "$stderr" = 'mm-validate: --import-plan reads no events and no plan; leave out --check-plan' ]
	run -2 --separate-stderr bash -c 'mm-validate --import-plan one.json > /dev/full'
	[ "$stderr" = 'mm-validate: standard output: No space left on device' ]
}

# ---- bounds ----

@test "memory does not grow with what events bring" {
	for ((i = 0; i < 3000; i++)); do
		printf '{"event":"signup","properties":{"plan":"free","unknown%d":1,"other%d":2}}\n' "$i" "$i"
	done > in
	run -0 --separate-stderr mm-validate -q --summary json --plan plan.json in
	[ "$(jq '[.warned, (.warnings | length), .more_warnings]' -c <<< "$stderr")" = '[3000,128,5872]' ]
}

@test "a hostile value does not hold up a pattern" {
	jq '.events.signup.properties.coupon.pattern = "^(([a-z]+)+)+$"' plan.json > slow.json
	signup "\"plan\":\"free\",\"coupon\":\"$(times 8000 a)!\"" > in
	run -0 --separate-stderr timeout 20 mm-validate --plan slow.json in
	[[ $stderr == *'Does not match'* ]]
}

@test "a full disk is told, and a reader that leaves early is no error" {
	gen_events -n 20000 --invalid 0 > in
	echo '{"events":{"*":{"properties":{"title":{"type":"string"}}}}}' > any.json
	run -2 --separate-stderr bash -c 'mm-validate --plan any.json in > /dev/full'
	[[ $stderr == *'standard output: No space left on device'* ]]
	run -0 --separate-stderr bash -c 'mm-validate --plan any.json in | head -n 1; exit ${PIPESTATUS[0]}'
	[ -z "$stderr" ]
}
