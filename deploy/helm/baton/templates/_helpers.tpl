{{- define "baton.labels" -}}
app.kubernetes.io/part-of: baton
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "baton.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* How a service logs in to Kafka: what holds for all, then its own; the later counts. Takes `root` and `name`. */}}
{{- define "baton.kafka" -}}
- secretRef: {name: {{ .root.Values.kafka.secretName }}, optional: true}
- secretRef: {name: {{ .root.Values.kafka.secretName }}-{{ .name }}, optional: true}
{{- end }}

{{- define "baton.playbook" -}}
{{ .Values.playbook.configMapName | default "baton-playbook" }}
{{- end }}

{{/* What a service reads from its environment; takes a dict of `root` and `name`. */}}
{{- define "baton.env" -}}
- {name: BATON_SECRET, valueFrom: {secretKeyRef: {name: {{ .root.Values.secretName }}, key: secret}}}
- {name: BATON_DATABASE_URL, valueFrom: {secretKeyRef: {name: {{ .root.Values.secretName }}, key: {{ .name }}-database-url}}}
- {name: BATON_BOOTSTRAP_KEY, valueFrom: {secretKeyRef: {name: {{ .root.Values.secretName }}, key: bootstrap-key, optional: true}}}
- {name: KAFKA_BOOTSTRAP_SERVERS, value: {{ .root.Values.kafka.bootstrapServers | quote }}}
- {name: BATON_REPLICATION_FACTOR, value: {{ .root.Values.kafka.replicationFactor | quote }}}
- {name: BATON_LOG_LEVEL, value: {{ .root.Values.logLevel }}}
{{- with .root.Values.otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- if and .root.Values.bookingUrl (has .name (list "capture" "routing")) }}
- {name: BATON_BOOKING_URL, value: {{ .root.Values.bookingUrl | quote }}}
{{- end }}
{{- if eq .name "desk" }}
- {name: BATON_API_KEY, valueFrom: {secretKeyRef: {name: {{ .root.Values.secretName }}, key: desk-api-key}}}
- {name: BATON_CAPTURE_URL, value: http://capture}
- {name: BATON_SCORING_URL, value: http://scoring}
- {name: BATON_ROUTING_URL, value: http://routing}
- {name: BATON_SLA_URL, value: http://sla-monitor}
- {name: BATON_FEEDBACK_URL, value: http://feedback}
- {name: BATON_CAPTURE_PUBLIC_URL, value: {{ .root.Values.capturePublicUrl | quote }}}
- {name: BATON_PUBLIC_URL, value: {{ .root.Values.publicUrl | quote }}}
{{- end }}
{{- range concat .root.Values.env (dig .name "env" list .root.Values.services) }}
- {{ toJson . }}
{{- end }}
{{- end }}

{{- define "baton.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "baton.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "baton.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: ca, mountPath: /etc/baton/ca, readOnly: true}
- {name: playbook, mountPath: /etc/baton/playbook, readOnly: true}
{{- end }}

{{- define "baton.volumes" -}}
- {name: tmp, emptyDir: {}}
- {name: ca, secret: {secretName: {{ .Values.caSecretName }}, optional: true}}
- {name: playbook, configMap: {name: {{ include "baton.playbook" . }}}}
{{- end }}
