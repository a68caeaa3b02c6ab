set -C; echo a >f; (echo b >f) 2>/dev/null || echo kept; echo c >|f; cat f; echo d >>f; cat f
