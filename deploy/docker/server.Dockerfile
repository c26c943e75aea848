# The control plane: dashboard, API and relay. Everything it keeps is in the volume /data.
#   docker build -f deploy/docker/server.Dockerfile -t registry.example.com/culvert:0.1.0 .
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY . .
RUN npm run --silent build && npm run --silent image:server -- /image

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=1000:1000 /image/data /data
ENV PATH=/usr/local/bin NODE_ENV=production CULVERT_DATA_DIR=/data CULVERT_IN_IMAGE=true
WORKDIR /app
USER 1000:1000
VOLUME /data
EXPOSE 3000 8080 15000-31999
ENTRYPOINT ["/usr/local/bin/node", "bin/culvert.ts"]
CMD ["server"]
