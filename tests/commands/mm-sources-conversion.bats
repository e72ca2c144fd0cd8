#!/usr/bin/env bats
# mm-sources --conversion against the real engine and a count of its own.

bats_require_minimum_version 1.5.0
load helper
load server
load people

setup_file() {
	people_start
}

teardown_file() {
	engine_stop
}

setup() {
	people_setup
}

P=(--from 2026-03-10 --to 2026-04-13)
T='"from":"2026-03-10T00:00Z","to":"2026-04-13T00:00Z"'

sources() {
	run --separate-stderr mm-sources "$@"
	echo "status $status: $stderr"
}

@test "each touch credits as a count by hand does" {
	for touch in first last session; do
		agree credit "{$T,\"conversion\":\"purchase\",\"touch\":\"$touch\"}" \
			mm-sources "${P[@]}" --conversion purchase --touch "$touch"
	done
}

@test "values are added up, where they are numbers" {
	for touch in first last session; do
		agree credit "{$T,\"conversion\":\"purchase,plan=pro\",\"touch\":\"$touch\",\"value\":\"amount\"}" \
			mm-sources "${P[@]}" --conversion purchase,plan=pro --touch "$touch" \
			--value properties.amount
	done
	agree credit "{$T,\"conversion\":\"signup\",\"touch\":\"last\",\"value\":\"cart.total\"}" \
		mm-sources "${P[@]}" --conversion signup --value cart.total
}

@test "sums are exact decimals, and only of numbers" {
	local i=0 v
	for v in 19.99 19.99 19.99 19.99 19.99 19.99 19.99 -19.99 9007199254740993 1e3 0.1 0.2 true '"5"' null '{"a":1}'; do
		printf '{"timestamp":"2021-03-01 00:00:00.%03d","event_name":"paid","anonymous_id":"p","source":"s","medium":"m","properties":"%s"}\n' \
			$((i++)) "{\\\"v\\\":${v//\"/\\\"}}"
	done | put
	sources --from 2021-03-01 --to 2021-03-02 --conversion paid --value v
	[ "$status" -eq 0 ]
	[[ $output == *',"conversions":16,'*',"value":9007199254742113.24}' ]]
}

@test "all conversions are credited, to somebody" {
	sources "${P[@]}" --conversion purchase --breakdown source
	[ "$(jq -s 'map(.conversions) | add' <<< "$output")" -eq \
		"$(mm-stats "${P[@]}" --event purchase | jq .value)" ]
	[ "$(jq -s 'map(has("medium")) | any' <<< "$output")" = false ]
}

@test "--touch and --value want --conversion" {
	sources "${P[@]}" --touch first
	[ "$status" -eq 2 ]
	[ "$stderr" = "mm-sources: --touch asks about conversions; say which events they are with --conversion" ]
	sources "${P[@]}" --value amount
	[ "$status" -eq 2 ]
	sources "${P[@]}" --conversion purchase --value a..b
	[ "$status" -eq 2 ]
	[[ $stderr == "mm-sources: --value: expected a property"* ]]
}

@test "a chart draws the value, or the conversions" {
	sources "${P[@]}" --conversion purchase --value amount --format chart --ascii
	[ "$status" -eq 0 ]
	value=$(mm-sources "${P[@]}" --conversion purchase --value amount --limit 1 | jq .value)
	[[ ${lines[0]} == *" $value "*'==='* ]]
	share=$(mm-sources "${P[@]}" --conversion purchase --limit 1 | jq '.share * 1000 + 0.5 | floor / 10')
	sources "${P[@]}" --conversion purchase --format chart --ascii
	[[ ${lines[0]} == *"  $share%  ==="* ]]
}

@test "tables and charts at three widths" {
	local ask=(mm-sources "${P[@]}" --conversion purchase --limit 5)
	golden conversions "${ask[@]}" --format chart
	golden conversions-table "${ask[@]}" --value amount --format table
}

@test "values that are missing or negative have no bar" {
	sources "${P[@]}" --conversion purchase --value nothing --format chart
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *" -" ]]
	printf '{"timestamp":"2020-03-01 00:00:00.000","event_name":"refund","anonymous_id":"%s","source":"%s","medium":"x","properties":"{\\"v\\":%s}"}\n' \
		a more 7 b less -5 | put
	sources --from 2020-03-01 --to 2020-03-02 --conversion refund --value v --format chart --ascii
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == 'more / x   7  ==='* ]]
	[ "${lines[1]}" = 'less / x  -5' ]
}
