// What `azd up` deploys: a resource group, and in it what main.bicep makes. README.md beside this file says how.
targetScope = 'subscription'

@description('azd\'s name of this environment.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Azure region, one that has Flex Consumption.')
@metadata({ azd: { type: 'location' } })
param location string

@description('The resource group, which is made.')
param resourceGroupName string = 'rg-${environmentName}'

// From here on main.bicep's own, which says what each is; null takes its default.
@description('As in main.bicep: alwaysReadyInstances.')
param alwaysReadyInstances int?

@description('As in main.bicep: perInstanceConcurrency.')
param perInstanceConcurrency int?

@description('As in main.bicep: maximumInstanceCount.')
param maximumInstanceCount int?

@description('As in main.bicep: instanceMemoryMB.')
param instanceMemoryMB int?

@description('As in main.bicep: storageSku.')
param storageSku string?

@description('As in main.bicep: operatorGroupId.')
param operatorGroupId string?

@description('As in main.bicep: deployerId.')
param deployerId string?

@description('As in main.bicep: deployerType.')
param deployerType string?

@description('As in main.bicep: clientKeysName.')
param clientKeysName string?

@description('As in main.bicep: model.')
param model string?

@description('As in main.bicep: modelPins.')
param modelPins string?

@description('As in main.bicep: fallbackModels.')
param fallbackModels string?

@description('As in main.bicep: publicUrl.')
param publicUrl string?

@description('As in main.bicep: refreshInterval.')
param refreshInterval string?

@description('As in main.bicep: edgeSettings.')
param edgeSettings object?

@description('As in main.bicep: logRetentionDays.')
param logRetentionDays int?

@description('As in main.bicep: logDailyQuotaGb.')
param logDailyQuotaGb int?

@description('As in main.bicep: alertEmails.')
param alertEmails string[]?

@description('As in main.bicep: actionGroupIds.')
param actionGroupIds string[]?

@description('As in main.bicep: availabilityTest.')
param availabilityTest bool?

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: resourceGroupName
  location: location
  tags: tags
}

module edge 'main.bicep' = {
  name: 'edge'
  scope: group
  params: {
    location: location
    // azd publishes the isolated worker: the native executable is made on Linux alone, azd runs anywhere.
    hostingModel: 'isolated'
    tags: tags
    alwaysReadyInstances: alwaysReadyInstances
    perInstanceConcurrency: perInstanceConcurrency
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    storageSku: storageSku
    operatorGroupId: operatorGroupId
    deployerId: deployerId
    deployerType: deployerType
    clientKeysName: clientKeysName
    model: model
    modelPins: modelPins
    fallbackModels: fallbackModels
    publicUrl: publicUrl
    refreshInterval: refreshInterval
    edgeSettings: edgeSettings
    logRetentionDays: logRetentionDays
    logDailyQuotaGb: logDailyQuotaGb
    alertEmails: alertEmails
    actionGroupIds: actionGroupIds
    availabilityTest: availabilityTest
  }
}

@description('Where azd deploys the app to.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app.')
output WEBSITE_SITE_NAME string = edge.outputs.functionAppName

@description('The edge\'s address.')
output GEMINI_EDGE_URL string = edge.outputs.functionAppUrl

@description('For edgectl: the vault.')
output GEMINI_KEYVAULT_URI string = edge.outputs.vaultUri

@description('For edgectl: the fleet register.')
output GEMINI_EDGE_FLEET string = edge.outputs.fleetEndpoint
