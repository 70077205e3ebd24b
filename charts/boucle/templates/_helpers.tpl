{{- define "boucle.name" -}}
{{- if contains "boucle" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-boucle" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "boucle.selector" -}}
app.kubernetes.io/name: boucle
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "boucle.labels" -}}
{{ include "boucle.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "boucle.image" -}}
{{ .root.Values.image.registry }}boucle-{{ .image }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "boucle.secret" -}}
{{ get .root.Values.secrets .which | default (printf "%s-%s" (include "boucle.name" .root) .which) }}
{{- end }}

{{- define "boucle.claim" -}}
{{ .Values.storage.existingClaim | default (printf "%s-files" (include "boucle.name" .)) }}
{{- end }}

{{- define "boucle.checksum" -}}
checksum/config: {{ .Values.config | toJson | sha256sum }}
{{- end }}

{{/* What a pod of ours may do, and where it runs: for the standard `restricted`. */}}
{{- define "boucle.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
serviceAccountName: {{ include "boucle.name" .root }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 10001 }}
  runAsGroup: {{ .user | default 10001 }}
  fsGroup: {{ .user | default 10001 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "boucle.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{/* Settings that follow from where a pod's volumes are; they override config.toml. */}}
{{- define "boucle.settings" -}}
- {name: BOUCLE_CONFIG, value: /etc/boucle/config.toml}
- {name: BOUCLE_STORE__URL, value: {{ include "boucle.storeUrl" . | quote }}}
- {name: BOUCLE_STORE__PASSWORD_FILE, value: /run/secrets/store/password}
- {name: BOUCLE_ARTIFACTS__FOLDER, value: {{ .Values.artifacts.url | default "/app/files/artifacts/live" }}}
{{- if .Values.artifacts.url }}
- {name: BOUCLE_ARTIFACTS__CACHE, value: /tmp/artifacts}
{{- end }}
- {name: BOUCLE_ARTIFACTS__SIGNING_KEY, value: /run/secrets/signing/signing.key}
- {name: BOUCLE_SERVING__KEYS, value: /run/secrets/keys/keys.json}
- {name: BOUCLE_PATHS__DATA, value: /app/files/data}
- {name: BOUCLE_PATHS__ARCHIVE, value: /app/files/artifacts/archive}
- {name: BOUCLE_LOGS__FOLDER, value: /app/files/logs}
- {name: BOUCLE_REPORTING__REPORTS, value: /app/files/reports}
- {name: BOUCLE_REPORTING__WORKSPACE, value: /app/files/workspace}
- {name: OMP_NUM_THREADS, value: "1"}
{{- end }}

{{- define "boucle.storeUrl" -}}
{{ .Values.store.url | default (printf "postgresql://boucle@%s-postgres/boucle" (include "boucle.name" .)) }}
{{- end }}

{{/* Volumes and their mounts by the names in `with`; `signing` may be verifying too. */}}
{{- define "boucle.mounts" -}}
- {name: config, mountPath: /etc/boucle, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- if has "files" .with }}
- {name: files, mountPath: /app/files}
{{- end }}
{{- if has "files-read" .with }}
- {name: files, mountPath: /app/files, readOnly: true}
{{- end }}
{{- if or (has "signing" .with) (has "verifying" .with) }}
- {name: signing, mountPath: /run/secrets/signing, readOnly: true}
{{- end }}
{{- if has "keys" .with }}
- {name: keys, mountPath: /run/secrets/keys, readOnly: true}
{{- end }}
{{- if has "store" .with }}
- {name: store, mountPath: /run/secrets/store, readOnly: true}
{{- end }}
{{- end }}

{{- define "boucle.volumes" -}}
- name: config
  configMap: {name: {{ include "boucle.name" .root }}-config}
- name: tmp
  emptyDir: {}
{{- if or (has "files" .with) (has "files-read" .with) }}
- name: files
  persistentVolumeClaim: {claimName: {{ include "boucle.claim" .root }}}
{{- end }}
{{- if has "signing" .with }}
- name: signing
  secret:
    secretName: {{ include "boucle.secret" (dict "root" .root "which" "signing") }}
    defaultMode: 0440
    items: [{key: tls.key, path: signing.key}, {key: tls.crt, path: signing.pub}]
{{- else if has "verifying" .with }}
- name: signing
  secret:
    secretName: {{ include "boucle.secret" (dict "root" .root "which" "signing") }}
    defaultMode: 0440
    items: [{key: tls.crt, path: signing.pub}]
{{- end }}
{{- if has "keys" .with }}
- name: keys
  secret:
    secretName: {{ include "boucle.secret" (dict "root" .root "which" "keys") }}
    defaultMode: 0440
    {{- with .keys }}
    items: {{ range . }}
      - {key: {{ . }}, path: {{ . }}}
    {{- end }}
    {{- end }}
{{- end }}
{{- if has "store" .with }}
- name: store
  secret:
    secretName: {{ include "boucle.secret" (dict "root" .root "which" "store") }}
    defaultMode: 0440
    items: [{key: password, path: password}]
{{- end }}
{{- end }}
