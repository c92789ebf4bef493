// The operator's workbook. Each query is a file in queries/, behind queries/events.kql.

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The workbook\'s title.')
param title string

@description('The name of the workspace with the edge\'s log.')
param workspaceName string

var events = loadTextContent('queries/events.kql')

var panels = [
  {
    name: 'rotations'
    title: 'Traffic and rotations'
    show: 'timechart'
    width: '100'
    query: loadTextContent('queries/rotations.kql')
  }
  {
    name: 'traffic'
    title: 'Attempts by key'
    show: 'timechart'
    width: '50'
    query: loadTextContent('queries/traffic.kql')
  }
  {
    name: 'failures'
    title: 'Failed attempts by key and reason'
    show: 'timechart'
    width: '50'
    query: loadTextContent('queries/failures.kql')
  }
  {
    name: 'latency'
    title: 'Latency by key (ms)'
    show: 'table'
    width: '100'
    query: loadTextContent('queries/latency.kql')
  }
  {
    name: 'attempts-per-request'
    title: 'Attempts per request'
    show: 'barchart'
    width: '50'
    query: loadTextContent('queries/attempts-per-request.kql')
  }
  { name: 'tokens', title: 'Tokens', show: 'table', width: '50', query: loadTextContent('queries/tokens.kql') }
  {
    name: 'models'
    title: 'Models: versions, and what goes'
    show: 'table'
    width: '100'
    query: loadTextContent('queries/models.kql')
  }
  { name: 'rings', title: 'Rings', show: 'table', width: '100', query: loadTextContent('queries/rings.kql') }
  {
    name: 'refused'
    title: 'What was refused'
    show: 'table'
    width: '100'
    query: loadTextContent('queries/refused.kql')
  }
]

var hour = 3600000
var time = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    parameters: [
      {
        id: guid(title, 'TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time'
        type: 4
        isRequired: true
        value: { durationMs: 24 * hour }
        typeSettings: {
          selectableValues: map([1, 4, 24, 72, 168, 720], hours => { durationMs: hours * hour })
          allowCustom: true
        }
      }
    ]
  }
}

var charts = [
  for panel in panels: {
    type: 3
    name: panel.name
    customWidth: panel.width
    content: {
      version: 'KqlItem/1.0'
      title: panel.title
      query: '${events}\n${panel.query}'
      size: 0
      timeContextFromParameter: 'TimeRange'
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      crossComponentResources: [workspace.id]
      visualization: panel.show
    }
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspace.id, title)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    sourceId: workspace.id
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([time], charts)
      '$schema': 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json'
    })
  }
}
