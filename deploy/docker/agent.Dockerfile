# The agent alone: Node, its C libraries and one file. No shell, nothing to install into.
#   docker build -f deploy/docker/agent.Dockerfile -t registry.example.com/culvert-agent:0.1.0 .
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY . .
RUN npm run --silent image:agent -- /image

FROM scratch
COPY --from=build /image /
ENV NODE_ENV=production
WORKDIR /app
USER 1000:1000
EXPOSE 8081
ENTRYPOINT ["/usr/local/bin/node", "/app/culvert-agent.mjs"]
