# Medians by peer and connections, and the ratios that count.
$1 != "#" { n[$1, $2]++; rate[$1, $2, n[$1, $2]] = $3; p50[$1, $2, n[$1, $2]] = $4; p99[$1, $2, n[$1, $2]] = $5; errors[$1] += $7 }
function median(values, name, c,    i, j, k, t, m) {
  k = n[name, c]
  for (i = 1; i <= k; i++) s[i] = values[name, c, i]
  for (i = 2; i <= k; i++) for (j = i; j > 1 && s[j - 1] > s[j]; j--) { t = s[j]; s[j] = s[j - 1]; s[j - 1] = t }
  return k % 2 ? s[(k + 1) / 2] : (s[k / 2] + s[k / 2 + 1]) / 2
}
END {
  split("direct nginx haproxy millrace", names, " "); split("1 20 100", cs, " ")
  printf "%-10s %6s %12s %10s %10s\n", "peer", "conns", "requests/s", "p50 us", "p99 us"
  for (a = 1; a <= 3; a++) for (b = 1; b <= 4; b++) {
    r = median(rate, names[b], cs[a]); if (r > best[names[b]]) best[names[b]] = r
    printf "%-10s %6d %12.0f %10.0f %10.0f\n", names[b], cs[a], r, median(p50, names[b], cs[a]), median(p99, names[b], cs[a])
  }
  printf "best requests/s: %.2f of nginx (goal 0.60), %.2f of haproxy (goal 0.40)\n", best["millrace"] / best["nginx"], best["millrace"] / best["haproxy"]
  d = median(p50, "direct", 1)
  printf "p50 added at one connection: nginx %.0f us, haproxy %.0f us, millrace %.0f us (goal: nginx's + 150)\n", median(p50, "nginx", 1) - d, median(p50, "haproxy", 1) - d, median(p50, "millrace", 1) - d
  for (b = 1; b <= 4; b++) printf "errors of %s: %d\n", names[b], errors[names[b]]
}
