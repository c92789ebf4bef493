// Asks /api/health from outside: 200 while at least one key is available.

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The first part of the names.')
param name string

@description('The Application Insights resource that keeps the results.')
param componentId string

@description('The edge\'s address.')
param url string

@description('Ids of the action groups that are told.')
param receivers string[]

// https://learn.microsoft.com/azure/azure-monitor/app/availability#location-population-tags
var places = ['emea-nl-ams-azr', 'emea-gb-db3-azr', 'us-va-ash-azr', 'us-ca-sjc-azr', 'apac-sg-sin-azr']

resource health 'Microsoft.Insights/webtests@2022-06-15' = {
  name: '${name}-health'
  location: location
  kind: 'standard'
  tags: union(tags, { 'hidden-link:${componentId}': 'Resource' })
  properties: {
    SyntheticMonitorId: '${name}-health'
    Name: '${name}: health'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
    Request: { RequestUrl: '${url}/api/health', HttpVerb: 'GET', ParseDependentRequests: false, FollowRedirects: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

resource unavailable 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-unavailable'
  location: 'global'
  tags: union(tags, {
    'hidden-link:${componentId}': 'Resource'
    'hidden-link:${health.id}': 'Resource'
  })
  properties: {
    description: 'No key is available, or the edge can\'t be reached: /api/health fails from two places.'
    severity: 1
    enabled: true
    scopes: [health.id, componentId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: health.id
      componentId: componentId
      failedLocationCount: 2
    }
    autoMitigate: true
    actions: [for i in range(0, length(receivers)): { actionGroupId: receivers[i] }]
  }
}
