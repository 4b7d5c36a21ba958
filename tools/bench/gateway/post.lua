-- One chat request of some 600 bytes, the same each time.
local text = string.rep("The quick brown fox jumps over the lazy dog. ", 10)
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"model":"demo","temperature":0.7,"max_tokens":80,"messages":[{"role":"user","content":"' .. text .. '"}]}'
done = function(summary, latency)
  local e = summary.errors
  print(string.format("RESULT %.1f %d %d %d %d", summary.requests / summary.duration * 1e6,
    latency:percentile(50), latency:percentile(99), summary.requests,
    e.connect + e.read + e.write + e.status + e.timeout))
end
