# Finds the folder of the app's files, as PM2 says, and names it in $app.
app=$(pm2 jlist | node -e '
  let text = "";
  process.stdin.on("data", (d) => text += d).on("end", () => {
    const found = JSON.parse(text.slice(text.indexOf("[{"))).find((p) => p.name === process.argv[1]);
    console.log(require("path").dirname(found.pm2_env.pm_exec_path));
  });' "$ENGINE_APP")
