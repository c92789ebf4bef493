# The native server: nothing in the image but the executable and what it is linked to. docs/container.md says how to run it.
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble-aot AS build
ARG VERSION=0.0.0
WORKDIR /source
COPY . .
# In locked mode. What the Functions host reads is left out: there is none in a container.
RUN CI=true dotnet publish src/GeminiEdge.Server --output /app -p:Version=$VERSION \
 && rm -rf /app/edge-* /app/host.json

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
ARG VERSION=0.0.0
ARG REVISION=
LABEL org.opencontainers.image.title="GeminiEdge" \
      org.opencontainers.image.description="Keeps an application's Gemini traffic alive while its API keys die, leak, run dry and rotate." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /app/GeminiEdge.Server /app/GeminiEdge.Server
# The image's own user without rights, by number, so that a cluster that forbids root sees that it is none.
USER 1654:1654
ENV ASPNETCORE_URLS=http://+:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s --retries=3 CMD ["/app/GeminiEdge.Server", "--health"]
ENTRYPOINT ["/app/GeminiEdge.Server"]
