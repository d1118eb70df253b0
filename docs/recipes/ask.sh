# A function for your shell: `ask how are you?` prints the reply of a bot that `chatbot serve` serves.
# Put it into ~/.bashrc or ~/.zshrc. CHATBOT_URL and CHATBOT_KEY name another server and its token.
ask() {
  python3 - "$*" <<'PYTHON'
import json, os, sys, urllib.request
url = os.environ.get("CHATBOT_URL", "http://127.0.0.1:8000/v1") + "/chat/completions"
headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ.get('CHATBOT_KEY', 'none')}"}
body = json.dumps({"messages": [{"role": "user", "content": sys.argv[1]}]}).encode()
try:
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
        print(json.load(answer)["choices"][0]["message"]["content"])
except OSError as error:
    sys.exit(f"ask: {url}: {error}")
PYTHON
}
