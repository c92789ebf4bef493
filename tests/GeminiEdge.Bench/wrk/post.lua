-- Posts one constant body, with the caller's key, and prints the totals as one line of JSON.
-- Usage: wrk … -s post.lua URL -- BODY KEY

function init(args)
  wrk.method = "POST"
  wrk.body = args[1]
  wrk.headers["content-type"] = "application/json"
  wrk.headers["x-goog-api-key"] = args[2]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"micros":%d,"median_micros":%d,"p99_micros":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
