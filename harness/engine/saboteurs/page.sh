# page STATUS CAUSE SYMPTOM [TIMES] [ID] tells people of the first of $culprits, which is worker 0
# unless ID says otherwise.
page() {
  node -e '
    const [app, pid, status, cause, symptom, times, id] = process.argv.slice(1);
    const body = JSON.stringify({ status, app, cause, symptom: symptom || undefined, confidence: 1,
      evidence: [{ source: "proc", text: `worker ${id || 0} is stopped` }], ruled_out: [{ cause: "undetermined", fact: "it is not" }],
      workers: [{ id: Number(id) || 0, pid: Number(id ? 0 : pid) }], human: "look at it", dedupe: app });
    (async () => {
      for (let n = Number(times) || 1; n > 0; n--) await fetch(process.env.ENGINE_ALERT_URL, { method: "POST", body });
    })();
  ' "$ENGINE_APP" "${culprits##* }" "$@"
}
