{{- define "culvert-agent.name" -}}
{{- $own := printf "%s-%s" .Release.Name .Chart.Name -}}
{{- ternary .Release.Name $own (contains .Chart.Name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- define "culvert-agent.selector" -}}
app.kubernetes.io/name: culvert-agent
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "culvert-agent.labels" -}}
{{ include "culvert-agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: culvert
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "culvert-agent.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "culvert-agent.name" .) }}
{{- else }}{{ required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- /* A ClusterRole belongs to no namespace: two releases of one name must not share it. */ -}}
{{- define "culvert-agent.clusterName" -}}
{{ printf "%s-%s" .Release.Namespace (include "culvert-agent.name" .) }}
{{- end }}

{{- define "culvert-agent.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "culvert-agent.tokenSecret" -}}
{{- if .Values.token.existingSecret }}{{ .Values.token.existingSecret }}
{{- else }}{{ include "culvert-agent.name" . }}
{{- end }}
{{- end }}

{{- define "culvert-agent.caConfigMap" -}}
{{- if .Values.server.caConfigMap }}{{ .Values.server.caConfigMap }}
{{- else if .Values.server.caCertificate }}{{ include "culvert-agent.name" . }}-ca
{{- end }}
{{- end }}

{{- /* Not empty where the whole cluster may be counted. */ -}}
{{- define "culvert-agent.clusterView" -}}
{{- if and .Values.clusterView (not .Values.namespaces) }}yes{{ end }}
{{- end }}

{{- /* The port that server.url names or implies. */ -}}
{{- define "culvert-agent.serverPort" -}}
{{- $url := urlParse .Values.server.url -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- if $port }}{{ $port }}{{ else if eq $url.scheme "http" }}80{{ else }}443{{ end }}
{{- end }}
