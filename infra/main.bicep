// Everything GeminiEdge needs on Azure, in one resource group. README.md beside this file says what and why.
// Prices are list prices in US dollars (pay as you go, before free grants), from where docs/scale.md says; a region's own are at
// https://azure.microsoft.com/pricing/details/functions/.

@description('The first part of every resource\'s name; the rest is made from the resource group.')
@minLength(3)
@maxLength(24)
param name string = 'geminiedge'

@description('Azure region, one that has Flex Consumption: `az functionapp list-flexconsumption-locations`.')
param location string = resourceGroup().location

@description('isolated: the .NET isolated worker (src/GeminiEdge.Functions). custom: the native custom handler (src/GeminiEdge.Server).')
@allowed(['isolated', 'custom'])
param hostingModel string = 'isolated'

// An always-ready instance costs its memory around the clock, $0.000004 per GB-second (2 GB: $21 for 30 days), and
// $0.000016 per GB-second more while it serves: both unverified. On demand it is $0.000026 per GB-second while it serves, and
// the first request waits for a start. Nothing is free of charge once there is one.
@description('Instances that are always ready, so that no request waits for a start. 0: none, the first request after a pause waits.')
@minValue(0)
@maxValue(1000)
param alwaysReadyInstances int = 0

// Instances are billed by the time in which they serve anything, not by the request: a request waits for Gemini for
// seconds and costs the edge next to nothing, so the more of them share an instance, the less each costs. A thousand
// requests at once over 16 per instance are 63 instances, over 100 are 10.
@description('Requests that one instance takes at once, before another is started.')
@minValue(1)
@maxValue(1000)
param perInstanceConcurrency int = 100

// The ceiling of the bill: 100 instances of 2 GB that serve all day cost 100 x 2 x 86,400 x $0.000026 = $449 a day.
// A subscription has 512,000 MB in a region for all Flex Consumption apps together (250 instances of 2 GB); a support
// request raises it. Each instance reads the vault, too.
@description('The most instances; beyond it requests wait, then fail.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 100

// Every price above is per GB: 4 GB cost twice as much as 2 GB, 512 MB a quarter. All request bodies in memory
// together are bounded at 256 MiB (GeminiEdge__BufferLimit), so 512 MB is for small prompts only; CPU grows with memory.
@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Replication of the storage account: LRS in one datacenter, ZRS over three.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = 'Standard_LRS'

@description('Object id of the Entra group whose members rotate keys with edgectl. Empty: deployerId is given the roles for it.')
param operatorGroupId string = ''

@description('Object id of whoever deploys, and so stores the first keys, where operatorGroupId is empty. Empty too: nobody is given the roles for keys.')
param deployerId string = ''

@description('What deployerId is.')
@allowed(['User', 'ServicePrincipal'])
param deployerType string = 'User'

@description('Tags of every resource, beside the one by which azd finds the app.')
param tags object = {}

@description('The vault\'s secret that holds the keys that clients present, comma-separated, such as GEMINI-EDGE-CLIENT-KEYS. Write the secret first: while it is missing every request is answered 503. Empty: the native routes stay closed, and /api asks for the function key.')
param clientKeysName string = ''

@description('The model of /api/generate when a request names none.')
param model string = 'gemini-flash-latest'

@description('Which version of a model callers count on, such as gemini-flash-latest=gemini-3.8-flash, with commas between them: another one is an alarm. Empty: none.')
param modelPins string = ''

@description('Which models are asked when one is overloaded, out of quota or gone, such as gemini-pro-latest=gemini-flash-latest, with semicolons between chains. Empty: none.')
param fallbackModels string = ''

@description('The address under which clients reach the edge, if another than the app\'s own.')
param publicUrl string = ''

// Each instance in use reads 4.7 secrets at each interval on average, more with further slots (docs/scale.md): 300
// instances at 30 s read 47 a second. A vault takes 4,000 in 10 s and asks $0.03 per 10,000:
// https://learn.microsoft.com/azure/key-vault/general/service-limits.
@description('How often an instance in use reads the keys, as hh:mm:ss; a rotation reaches all of them within 1.3 times this.')
param refreshInterval string = '00:00:30'

@description('Further settings of the edge, such as { GeminiEdge__Selection: \'RoundRobin\' }: names that begin with GeminiEdge__ alone, so never a key.')
param edgeSettings object = {}

// The log is billed by the GB that comes in. The edge's line of an attempt is 417 bytes (docs/scale.md), so a million are
// 0.42 GB; the host's own record of each request, and the columns beside a line, come on top and are not measured.
@description('How many days the log is kept; 30 are free of charge, Application Insights tables 90.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('The most that the log takes in a day, in GB, -1 for no limit. Beyond it the alerts are blind until the next day.')
param logDailyQuotaGb int = -1

@description('Where alerts are sent. Empty: they are only shown in Azure Monitor.')
param alertEmails string[] = []

@description('Ids of action groups that get the alerts too.')
param actionGroupIds string[] = []

// A test is billed by the run: 5 places every 5 minutes are 43,200 a month. It also keeps one instance awake.
@description('Whether /api/health is asked every 5 minutes from 5 places. The health check of App Service does not exist on Flex Consumption.')
param availabilityTest bool = true

var token = uniqueString(resourceGroup().id, name)
var appName = '${name}-${token}'
var vaultName = 'kv-${token}'
var storageName = 'st${token}'
var workspaceName = 'log-${name}-${token}'
var componentName = 'appi-${name}-${token}'
var identityName = 'id-${name}-${token}'
var packageContainer = 'package'
var operator = empty(operatorGroupId) ? { id: deployerId, type: deployerType } : { id: operatorGroupId, type: 'Group' }
var vaultUri = 'https://${vaultName}${environment().suffixes.keyvaultDns}/'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: identityName
  location: location
  tags: tags
}

module telemetry 'telemetry.bicep' = {
  name: 'telemetry'
  params: {
    workspaceName: workspaceName
    componentName: componentName
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyQuotaGb: logDailyQuotaGb
    identityName: identity.name
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: vaultName
    location: location
    tags: tags
    identityName: identity.name
    operatorId: operator.id
    operatorType: operator.type
    workspaceId: telemetry.outputs.workspaceId
  }
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: storageName
    location: location
    tags: tags
    sku: storageSku
    packageContainer: packageContainer
    identityName: identity.name
    operatorId: operator.id
    operatorType: operator.type
  }
}

module app 'app.bicep' = {
  name: 'app'
  params: {
    name: appName
    planName: 'plan-${name}-${token}'
    location: location
    tags: tags
    hostingModel: hostingModel
    alwaysReadyInstances: alwaysReadyInstances
    perInstanceConcurrency: perInstanceConcurrency
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    identityName: identity.name
    componentName: componentName
    storageName: storageName
    packageContainer: packageContainer
    vaultUri: vaultUri
    clientKeysName: clientKeysName
    model: model
    modelPins: modelPins
    fallbackModels: fallbackModels
    publicUrl: publicUrl
    refreshInterval: refreshInterval
    edgeSettings: edgeSettings
  }
  // With its roles given: the host reads its storage, and the platform the references, as soon as the app exists.
  dependsOn: [storage, telemetry, vault]
}

module alerts 'alerts.bicep' = {
  name: 'alerts'
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: telemetry.outputs.workspaceId
    vaultName: vaultName
    emails: alertEmails
    actionGroupIds: actionGroupIds
  }
  dependsOn: [vault]
}

module workbook 'workbook.bicep' = {
  name: 'workbook'
  params: {
    title: 'GeminiEdge: ${appName}'
    location: location
    tags: tags
    workspaceName: workspaceName
  }
  dependsOn: [telemetry]
}

module availability 'availability.bicep' = if (availabilityTest) {
  name: 'availability'
  params: {
    name: name
    location: location
    tags: tags
    componentId: telemetry.outputs.componentId
    url: 'https://${app.outputs.hostName}'
    receivers: alerts.outputs.receivers
  }
}

@description('The function app, for `func azure functionapp publish`.')
output functionAppName string = appName

@description('The edge\'s address.')
output functionAppUrl string = 'https://${app.outputs.hostName}'

@description('GEMINI_KEYVAULT_URI for edgectl.')
output vaultUri string = vaultUri

@description('GEMINI_EDGE_FLEET for edgectl.')
output fleetEndpoint string = 'https://${storageName}.table.${environment().suffixes.storage}/'

@description('isolated or custom: which project to publish.')
output hostingModel string = hostingModel
