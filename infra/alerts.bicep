// The alerts, as one table. Each query is a file in queries/, behind queries/events.kql. Azure Monitor makes no rule of a
// query with union or search: https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-log-query.

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The first part of the alerts\' names.')
param name string

@description('The workspace with the edge\'s log.')
param workspaceId string

@description('The key vault\'s name.')
param vaultName string

@description('Where alerts are sent.')
param emails string[]

@description('Ids of action groups that get the alerts too.')
param actionGroupIds string[]

var events = loadTextContent('queries/events.kql')

// window: how far a query looks back; every rule runs each 5 minutes, and lines take some minutes to arrive.
// by: the column that makes an alert of its own of each value, and stands in the mail.
var alerts = [
  {
    name: 'key-leaked'
    severity: 0
    text: 'Google says that a key was reported as leaked. Run `edgectl leak` now.'
    query: loadTextContent('queries/key-leaked.kql')
    window: 'PT15M'
    by: 'key_id'
  }
  {
    name: 'all-keys-failed'
    severity: 1
    text: 'A caller got a 502, because every key failed. `edgectl keys` says which key still answers.'
    query: loadTextContent('queries/all-keys-failed.kql')
    window: 'PT15M'
    by: ''
  }
  {
    name: 'answered-502'
    severity: 1
    text: 'A caller got a 502. With all-keys-failed beside it that is why; alone, the platform lost the edge: look at its instances.'
    query: loadTextContent('queries/answered-502.kql')
    window: 'PT15M'
    by: ''
  }
  {
    name: 'key-rejected'
    severity: 1
    text: 'Google refuses a key; the next one serves. Replace it: `edgectl set SECONDARY`, then `edgectl promote` if it was PRIMARY.'
    query: loadTextContent('queries/key-rejected.kql')
    window: 'PT15M'
    by: 'key_id'
  }
  {
    name: 'rotation-failures'
    severity: 1
    text: 'The share of failing attempts tripled within half an hour after a rotation. `edgectl watch` tells why; `edgectl rollback` undoes it.'
    query: loadTextContent('queries/rotation-failures.kql')
    window: 'P2D'
    by: ''
  }
  {
    name: 'model-retired'
    severity: 1
    text: 'A model that answered within the last day is gone. Callers get 404, or a fallback if one is named: have them ask for another model.'
    query: loadTextContent('queries/model-retired.kql')
    window: 'PT15M'
    by: 'model'
  }
  {
    name: 'model-pin-broken'
    severity: 1
    text: 'Another version answers than GEMINI_MODEL_PINS says. Have callers ask for the version by its name, or try the new one and change the pin.'
    query: loadTextContent('queries/model-pin-broken.kql')
    window: 'PT15M'
    by: 'model'
  }
  {
    name: 'model-changed'
    severity: 2
    text: 'An alias answers with another version, or Google says when a model goes. Look whether answers are still what they should be.'
    query: loadTextContent('queries/model-changed.kql')
    window: 'PT15M'
    by: 'model'
  }
  {
    name: 'old-in-use'
    severity: 2
    text: 'OLD answers requests, so every other key fails. Store a working key before it expires or is purged.'
    query: loadTextContent('queries/old-in-use.kql')
    window: 'PT15M'
    by: 'key_id'
  }
  {
    name: 'edge-trouble'
    severity: 2
    text: 'The edge serves, but says that something needs mending: the event and its text say what.'
    query: loadTextContent('queries/edge-trouble.kql')
    window: 'PT15M'
    by: 'event'
  }
]

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: take(name, 12)
    enabled: true
    emailReceivers: [for (email, i) in emails: { name: 'mail-${i}', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var receivers = concat(actionGroupIds, empty(emails) ? [] : [mail.id])

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${name}: ${alert.name}'
      description: alert.text
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      criteria: {
        allOf: [
          {
            query: '${events}\n${alert.query}'
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: empty(alert.by) ? [] : [{ name: alert.by, operator: 'Include', values: ['*'] }]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      // One mail when it begins and one when it is over, not one for every five minutes in between.
      autoMitigate: true
      // A workspace made a minute ago knows no tables yet, and would refuse the rule. The tests parse the queries.
      skipQueryValidation: true
      actions: { actionGroups: receivers }
    }
  }
]

// A secret near its expiry is in no log before it is too late: the vault's audit log says who read it, not when it ends.
// The vault's own event says it, 30 days ahead, for secrets that have an expiry; Event Grid makes an alert of it. edgectl
// sets one with --expires, and on OLD; a version that was written without a date reminds of nothing.
resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource vaultEvents 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${vaultName}'
  location: location
  tags: tags
  properties: {
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
  }

  resource nearExpiry 'eventSubscriptions' = {
    name: 'secret-near-expiry'
    properties: {
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      filter: {
        includedEventTypes: ['Microsoft.KeyVault.SecretNearExpiry', 'Microsoft.KeyVault.SecretExpired']
        // OLD expires after a day, by design; where a policy demands an expiry of every secret, that of the lock and of the
        // leaked list means nothing to anybody.
        advancedFilters: [
          {
            operatorType: 'StringNotIn'
            key: 'data.ObjectName'
            values: ['GEMINI-API-KEY-OLD', 'GEMINI-API-KEY-LEAKED', 'GEMINI-EDGE-ROTATION']
          }
        ]
      }
      destination: {
        endpointType: 'MonitorAlert'
        properties: {
          severity: 'Sev2'
          description: 'A key of the vault is near the day that somebody set for it, or past it. Make a new one at Google, then `edgectl set SECONDARY --expires` with its day, and `edgectl promote`; without --expires nobody is reminded of the new one.'
          actionGroups: receivers
        }
      }
    }
  }
}

@description('Every action group that gets the alerts.')
output receivers string[] = receivers
