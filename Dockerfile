# The service: docker build -t incubator-matcher . && docker compose up
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 matcher && install -d -o matcher -g matcher /data /cache
WORKDIR /app
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY matcher matcher
COPY models models
COPY service service
# The processor build of torch is a quarter of the other one's size.
RUN pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu --constraint constraints.txt .

USER matcher
ENV MATCHER_DATABASE_URL=sqlite:////data/matcher.db MATCHER_CACHE_FOLDER=/cache
VOLUME ["/data", "/cache"]
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
ENTRYPOINT ["matcher"]
CMD ["serve", "--host", "0.0.0.0"]
