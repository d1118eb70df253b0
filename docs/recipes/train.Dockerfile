# A container that trains. In a clone of the repository:
#   docker build -f docs/recipes/train.Dockerfile -t chatbot-train .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD/corpora:/work/corpora:ro" \
#     -v "$PWD/checkpoints:/work/checkpoints" chatbot-train corpora/dialogs.tsv
FROM python:3.13-slim
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY chatbot chatbot
RUN pip install --no-cache-dir . \
 && useradd --uid 10001 --no-create-home chatbot
USER 10001
WORKDIR /work
ENV PYTHONUNBUFFERED=1 HOME=/tmp
ENTRYPOINT ["chatbot", "train"]
CMD ["--help"]
